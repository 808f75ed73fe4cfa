# Reads JSON with nothing but awk, which every Mac has. (It has no jq, and plutil refuses null.)
# Text is cut at the quotes: what stands between two of them is a string, the rest is structure.
#
# What to print comes in the environment, where backslashes stay as they are:
#   want=get   name=0.identifier           the value at this path
#   want=each  name=identifier             the path of each object that has this member
#   want=find  name=identifier value=x     ... whose member is x
#   want=below name=path value=a/b         ... whose member is a/b or begins with a/b/

BEGIN {
    RS = "\""
    want = ENVIRON["want"]
    wanted_name = ENVIRON["name"]
    wanted_value = ENVIRON["value"]
}

# Inside a string. A quote after an odd number of backslashes belongs to it.
inside {
    text = text $0
    if (match($0, /\\+$/) && RLENGTH % 2 == 1) {
        text = text "\""
        next
    }
    inside = 0
    string(decoded(text))
    next
}

{
    structure($0)
    inside = 1
    text = ""
}

function structure(part,    i, c) {
    for (i = 1; i <= length(part); i++) {
        c = substr(part, i, 1)
        if (c == "{" || c == "[") {
            depth++
            is_list[depth] = (c == "[")
            at[depth] = 0
            names[depth] = (c == "{")
        } else if (c == "}" || c == "]") {
            end_of_literal()
            depth--
        } else if (c == ",") {
            end_of_literal()
            if (is_list[depth]) at[depth]++
            else names[depth] = 1
        } else if (c == ":") {
            names[depth] = 0
        } else if (c !~ /[ \t\r\n]/) {
            literal = literal c
        }
    }
}

function end_of_literal() {
    if (literal != "") value(literal == "null" ? "" : literal)
    literal = ""
}

function string(s) {
    if (depth > 0 && names[depth]) at[depth] = s
    else value(s)
}

function value(v,    parent, i) {
    parent = ""
    for (i = 1; i < depth; i++) parent = parent (i > 1 ? "." : "") at[i]
    if (want == "get") {
        if ((parent == "" ? "" : parent ".") at[depth] == wanted_name) printf "%s", v
    } else if (at[depth] == wanted_name && !is_list[depth]) {
        if (want == "each" || (want == "find" && v == wanted_value) \
            || (want == "below" && index(v "/", wanted_value "/") == 1)) print parent
    }
}

# The text that a JSON string stands for. LM Studio escapes only what it must.
function decoded(s,    out, at_escape, c) {
    out = ""
    while ((at_escape = index(s, "\\")) > 0) {
        out = out substr(s, 1, at_escape - 1)
        c = substr(s, at_escape + 1, 1)
        s = substr(s, at_escape + 2)
        if (c == "n") out = out "\n"
        else if (c == "t") out = out "\t"
        else if (c == "r") out = out "\r"
        else if (c == "b") out = out "\b"
        else if (c == "f") out = out "\f"
        else if (c == "u" && substr(s, 1, 2) == "00") {
            out = out sprintf("%c", 16 * hex(substr(s, 3, 1)) + hex(substr(s, 4, 1)))
            s = substr(s, 5)
        } else if (c == "u") out = out "\\u"
        else out = out c
    }
    return out s
}

function hex(digit) {
    return index("0123456789abcdef", tolower(digit)) - 1
}
