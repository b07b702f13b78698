# How the families of kernels are compiled, by KINEMA_SIMD_NAME.
set(KINEMA_scalar_FLAGS -ffp-contract=off)
set(KINEMA_avx2_FLAGS -mavx2 -mbmi2 -mfma -mf16c)
set(KINEMA_avx512_FLAGS -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx2 -mbmi2 -mfma -mf16c
    -mprefer-vector-width=512)
set(KINEMA_neon_FLAGS)
