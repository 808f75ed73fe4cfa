//! The fitted constants of both formulas: what each is called, its guess, and how far it may lie
//! from it.
//!
//! All are positive and are fitted as logarithms. The spread is one standard deviation of the
//! logarithm, so that a constant with few rows stays near its guess.

/// Declares the constants of a formula: an index, its names, guesses and spreads.
macro_rules! constants {
    ($(#[$about:meta])* $formula:ident { $($(#[$doc:meta])* $constant:ident $name:literal $guess:literal within $spread:literal;)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(unreachable_pub, reason = "tokens of a macro name no parent")]
        pub enum $formula {
            $($(#[$doc])* $constant,)*
        }

        impl $formula {
            /// Name, guess and spread of each, in order.
            #[expect(unreachable_pub, reason = "tokens of a macro name no parent")]
            pub const TABLE: &[(&'static str, f64, f64)] = &[$(($name, $guess, $spread),)*];
        }

        impl std::ops::Index<$formula> for Constants<$formula> {
            type Output = f64;
            fn index(&self, constant: $formula) -> &f64 {
                &self.values[constant as usize]
            }
        }
    };
}

/// Values of the constants of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Constants<F> {
    pub(super) values: Vec<f64>,
    formula: std::marker::PhantomData<F>,
}

impl<F> Constants<F> {
    pub(super) const fn new(values: Vec<f64>) -> Self {
        Self {
            values,
            formula: std::marker::PhantomData,
        }
    }

    /// From logarithms.
    pub(super) fn of_logs(logs: &[f64]) -> Self {
        Self::new(logs.iter().map(|l| l.exp()).collect())
    }
}

constants! {
    /// Of decoding.
    Decode {
        /// Share of the bandwidth that llama.cpp reads weights at.
        ReadLlamaCpp "read_llama_cpp" 0.856 within 0.08;
        /// Of MLX.
        ReadMlx "read_mlx" 0.895 within 0.08;
        /// Of ds4.
        ReadDs4 "read_ds4" 0.69 within 0.08;
        /// An Ultra reads at so much of that.
        ReadUltra "read_ultra" 0.965 within 0.04;
        /// K-quants that a GPU core of the first two generations unpacks, 10^9 per second.
        Unpack "unpack_k" 11.0 within 0.3;
        /// By each generation from the third on.
        UnpackGeneration "unpack_generation" 1.5 within 0.15;
        /// IQ-quants against K-quants.
        UnpackI "unpack_iq" 0.74 within 0.2;
        /// MLX's affine numbers against K-quants.
        UnpackAffine "unpack_affine" 1.53 within 0.25;
        /// ds4 against llama.cpp.
        UnpackDs4 "unpack_ds4" 1.0 within 0.3;
        /// Microseconds per layer beside the weights, third generation, 40 cores: dense.
        LayerDense "layer_dense" 72.0 within 0.25;
        /// Dense with recurrent layers.
        LayerHybridDense "layer_hybrid_dense" 75.0 within 0.25;
        /// Mixture.
        LayerMixture "layer_mixture" 137.0 within 0.25;
        /// Mixture with recurrent layers.
        LayerHybridMixture "layer_hybrid_mixture" 159.0 within 0.25;
        /// Latent attention.
        LayerLatent "layer_latent" 166.0 within 0.25;
        /// Compressed attention.
        LayerCompressed "layer_compressed" 297.0 within 0.25;
        /// llama.cpp's recurrent layers against MLX's.
        LayerRecurrentLlamaCpp "layer_recurrent_llama_cpp" 1.9 within 0.25;
        /// ds4's layers against MLX's.
        LayerDs4 "layer_ds4" 1.0 within 0.25;
        /// Two dies against one.
        LayerUltra "layer_ultra" 1.32 within 0.12;
        /// A generation saves this factor.
        LayerGeneration "layer_generation" 1.188 within 0.08;
        /// In llama.cpp, whose launches cost nearly the same on every generation.
        LayerGenerationLlamaCpp "layer_generation_llama_cpp" 1.05 within 0.05;
        /// Its logarithm is the exponent of the cores.
        LayerCores "layer_cores" 1.177 within 0.08;
        /// Share of the bandwidth that the KV cache is read at.
        CacheShare "cache_share" 1.0 within 0.3;
        /// 10^9 operations of attention per second and core, third generation: llama.cpp, grouped.
        AttendLlamaCpp "attend_llama_cpp" 104.0 within 0.3;
        /// MLX, grouped.
        AttendMlx "attend_mlx" 72.0 within 0.3;
        /// llama.cpp, latent.
        AttendLatentLlamaCpp "attend_latent_llama_cpp" 34.0 within 0.4;
        /// MLX, latent.
        AttendLatentMlx "attend_latent_mlx" 85.0 within 0.4;
        /// ds4, latent.
        AttendLatentDs4 "attend_latent_ds4" 40.0 within 0.5;
        /// Compressed.
        AttendCompressed "attend_compressed" 40.0 within 0.5;
        /// Indexers.
        AttendIndex "attend_index" 72.0 within 0.4;
        /// By each generation.
        AttendGeneration "attend_generation" 1.48 within 0.12;
        /// Milliseconds that ds4's indexer takes once it has something to choose from.
        IndexerStart "indexer_start" 1.6 within 0.4;
        /// ds4 before August 2026 against later.
        OldDs4 "old_ds4" 1.15 within 0.15;
    }
}

constants! {
    /// Of reading a prompt.
    Prefill {
        /// Seconds before anything is computed.
        Start "start" 0.025 within 0.5;
        /// The same where a client waits for a server: its template, its tokens, the first answer.
        StartServed "start_served" 0.12 within 0.5;
        /// 10^12 operations per second and GPU core: first generation.
        Rate1 "rate_1" 0.222 within 0.15;
        /// Second.
        Rate2 "rate_2" 0.268 within 0.15;
        /// Third.
        Rate3 "rate_3" 0.283 within 0.15;
        /// Fourth.
        Rate4 "rate_4" 0.334 within 0.15;
        /// Fifth, with tensor units.
        Rate5 "rate_5" 0.762 within 0.15;
        /// MLX where the GPU has no 16-bit brain floats: the first two generations.
        MlxEarly "mlx_early" 0.45 within 0.2;
        /// MLX on the fifth.
        MlxTensor "mlx_tensor" 1.2 within 0.15;
        /// llama.cpp on the fifth.
        LlamaCppTensor "llama_cpp_tensor" 1.1 within 0.15;
        /// K-quants on the first two generations.
        KEarly "k_early" 0.78 within 0.1;
        /// Later.
        KLater "k_later" 0.91 within 0.1;
        /// IQ-quants besides.
        I "iq" 0.70 within 0.2;
        /// Mixtures in llama.cpp.
        MixtureLlamaCpp "mixture_llama_cpp" 0.73 within 0.15;
        /// In MLX.
        MixtureMlx "mixture_mlx" 0.83 within 0.15;
        /// In ds4.
        MixtureDs4 "mixture_ds4" 0.64 within 0.2;
        /// In ds4 on the first two generations, besides.
        MixtureDs4Early "mixture_ds4_early" 0.73 within 0.2;
        /// On the first generation, besides.
        MixtureFirst "mixture_first" 0.85 within 0.2;
        /// On the fifth generation, besides.
        MixtureTensor "mixture_tensor" 0.86 within 0.15;
        /// Its logarithm is the exponent of the part of the experts in use, by 1/32.
        MixtureUsed "mixture_used" 1.068 within 0.06;
        /// oMLX on the fifth generation.
        OmlxTensor "omlx_tensor" 1.66 within 0.3;
        /// Share of the bandwidth at which weights are loaded for each batch.
        Load "load" 0.64 within 0.25;
        /// Attention against the rate of weights: llama.cpp, grouped.
        AttendLlamaCpp "attend_llama_cpp" 0.67 within 0.3;
        /// MLX, grouped.
        AttendMlx "attend_mlx" 0.69 within 0.3;
        /// llama.cpp, latent.
        AttendLatentLlamaCpp "attend_latent_llama_cpp" 0.56 within 0.3;
        /// MLX and ds4, latent.
        AttendLatentMlx "attend_latent_mlx" 1.04 within 0.3;
        /// Compressed.
        AttendCompressed "attend_compressed" 0.6 within 0.4;
        /// Indexers of latent attention.
        AttendIndexLatent "attend_index_latent" 4.3 within 0.5;
        /// Of compressed.
        AttendIndexCompressed "attend_index_compressed" 3.0 within 0.6;
        /// Of grouped.
        AttendIndexGrouped "attend_index_grouped" 8.0 within 0.7;
        /// Attention on the fifth generation: MLX, whose kernels have the tensor units compute it.
        AttendTensor "attend_tensor" 1.51 within 0.25;
        /// llama.cpp and ds4, whose weights alone they multiply.
        AttendTensorLlamaCpp "attend_tensor_llama_cpp" 0.45 within 0.4;
        /// Operations of a recurrent layer per token and width.
        Recurrent "recurrent" 2884.0 within 0.5;
        /// ds4 before August 2026 against later.
        OldDs4 "old_ds4" 1.2 within 0.15;
    }
}
