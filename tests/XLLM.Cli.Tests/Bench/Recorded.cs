namespace XLLM.Cli.Tests.Bench;

/// <summary>
/// What ik_llama.cpp 8337e4c printed here for SmolLM2-135M (paths shortened; the commit is told by builds that find git). The machine
/// was busy: the rates are examples.
/// </summary>
internal static class Recorded
{
    public const double BatchedDecodeRate = 18.59;

    /// <summary>llama-bench -p 512 -n 0 -r 2 -o json.</summary>
    public const string LlamaBench = """
        [
          {
            "build_commit": "8337e4c",
            "build_number": 0,
            "cuda": false,
            "vulkan": false,
            "metal": false,
            "sycl": false,
            "rpc": "0",
            "gpu_blas": false,
            "blas": false,
            "cpu_info": "Intel(R) Xeon(R) Processor @ 2.50GHz",
            "gpu_info": "",
            "model_filename": "SmolLM2-135M-Instruct.Q4_1.gguf",
            "model_type": "llama ?B Q4_1",
            "model_size": 126657792,
            "model_n_params": 162826560,
            "n_batch": 2048,
            "n_ubatch": 512,
            "n_threads": 2,
            "type_k": "f16",
            "type_v": "f16",
            "n_gpu_layers": 999,
            "split_mode": "layer",
            "main_gpu": 0,
            "no_kv_offload": false,
            "flash_attn": true,
            "mla_attn": 3,
            "attn_max_batch": 0,
            "ser": "-1,0",
            "reuse": true,
            "tensor_split": "0.00",
            "use_mmap": true,
            "embeddings": false,
            "repack": false,
            "mqkv": false,
            "muge": false,
            "defer_experts": false,
            "fused_moe": true,
            "grouped_er": false,
            "no_fused_up_gate": false,
            "use_thp": false,
            "no_ooae": false,
            "rcache": false,
            "sas": false,
            "max_gpu": 0,
            "cuda_params": "",
            "override_tensor": "",
            "n_prompt": 512,
            "n_gen": 0,
            "test_time": "2026-11-22T14:27:25Z",
            "avg_ns": 6106414148,
            "stddev_ns": 518094763,
            "avg_ts": 84.149138,
            "stddev_ts": 7.139579,
            "test": "pp512",
            "samples_ns": [ 6472762461, 5740065836 ],
            "samples_ts": [ 79.1007, 89.1976 ]
          }
        ]
        """;

    /// <summary>llama-batched-bench -npp 128 -ntg 32 -npl 4: the end of it.</summary>
    public const string BatchedBench = """
        llama_init_from_model: KV self size  =   22.50 MiB, K (f16):   11.25 MiB, V (f16):   11.25 MiB
        llama_init_from_model:        CPU  output buffer size =     0.75 MiB
        llama_init_from_model:        CPU compute buffer size =    97.13 MiB
        llama_init_from_model: graph nodes  = 815
        llama_init_from_model: graph splits = 1
        llama_init_from_model: enabling only_active_experts scheduling

        main: n_kv_max = 1024, n_batch = 2048, n_ubatch = 512, flash_attn = 0, is_pp_shared = 0, n_gpu_layers = -1, n_threads = 2, n_threads_batch = 2

        |    PP |     TG |    B |   N_KV |   T_PP s | S_PP t/s |   T_TG s | S_TG t/s |      T s |    S t/s |
        |-------|--------|------|--------|----------|----------|----------|----------|----------|----------|
        |   128 |     32 |    4 |    640 |    4.517 |   113.34 |    6.887 |    18.59 |   11.404 |    56.12 |

        llama_print_timings:        load time =    2020.01 ms
        llama_print_timings:      sample time =       0.00 ms /     1 runs   (    0.00 ms per token,      inf tokens per second)
        """;
}
