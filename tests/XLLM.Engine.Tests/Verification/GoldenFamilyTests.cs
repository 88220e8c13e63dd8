using XLLM.Engine.Interop;
using XLLM.Engine.Memory;
using XLLM.Testing;
using XLLM.Verification;
using XLLM.Verification.Golden;

namespace XLLM.Engine.Tests.Verification;

/// <summary>Every family against transformers' logits and greedy tokens, on every instruction set.</summary>
public sealed class GoldenFamilyTests
{
    private const string Families = "golden/families";

    public static TheoryData<string> Names => ["llama", "llama3-rope-tied", "mistral-sliding", "qwen2", "qwen2-yarn", "qwen3"];

    [IsaSharedTheory(EngineIsa.Scalar, Families)]
    [MemberData(nameof(Names))]
    public void Logits_and_greedy_tokens_agree_on_the_scalar_path(string family) => Passes(family, EngineIsa.Scalar);

    [IsaSharedTheory(EngineIsa.Avx2, Families)]
    [MemberData(nameof(Names))]
    public void Logits_and_greedy_tokens_agree_on_AVX2(string family) => Passes(family, EngineIsa.Avx2);

    [IsaSharedTheory(EngineIsa.Avx512, Families)]
    [MemberData(nameof(Names))]
    public void Logits_and_greedy_tokens_agree_on_AVX512(string family) => Passes(family, EngineIsa.Avx512);

    [SharedTheory(Families)]
    [MemberData(nameof(Names))]
    public void Logits_and_greedy_tokens_agree_in_chunks_of_13(string family) => Passes(family, EngineIsa.Auto, 13);

    [SharedTheory(Families)]
    [MemberData(nameof(Names))]
    public void The_same_weights_as_a_GGUF_file_give_the_same_logits_and_tokens(string family)
    {
        string source = SharedData.Find("golden", "families", family)!;
        using var folder = new TempFolder();
        string gguf = folder.Add("m.gguf", GgufFromFolder.Convert(source));
        IReadOnlyList<VerifyCase> cases = GoldenVerifier.Verify(family, gguf, Path.Combine(source, "golden.safetensors"));
        Assert.All(cases, c => Assert.True(c.Passed, $"{c.Name}: {c.Error} {c.Detail}"));
        Assert.Equal(8, cases.Count);
    }

    [SharedTheory(Families)]
    [InlineData("gemma3", "gemma3_text")]
    [InlineData("mamba", "mamba")]
    [InlineData("qwen2-vl", "qwen2_vl")]
    public void A_family_that_is_not_there_is_a_failed_case_that_lists_the_known_ones(string folder, string architecture)
    {
        VerifyCase result = Assert.Single(GoldenVerifier.Verify(SharedData.Find("golden", "families", folder)!));
        Assert.False(result.Passed);
        Assert.Contains($"architecture '{architecture}' is not supported", result.Detail, StringComparison.Ordinal);
        Assert.Contains("llama, mistral, qwen2, qwen3", result.Detail, StringComparison.Ordinal);
    }

    [SharedFact(Families)]
    public void Wrong_weights_fail_the_comparison()
    {
        using var folder = new TempFolder();
        string source = SharedData.Find("golden", "families", "llama")!;
        byte[] weights = File.ReadAllBytes(Path.Combine(source, "model.safetensors"));
        weights.AsSpan(weights.Length - 60_000).Clear();
        folder.Add("model.safetensors", weights);
        folder.Add("config.json", File.ReadAllBytes(Path.Combine(source, "config.json")));
        folder.Add("golden.safetensors", File.ReadAllBytes(Path.Combine(source, "golden.safetensors")));
        Assert.Contains(GoldenVerifier.Verify(folder.Path), c => !c.Passed && c.Error > GoldenVerifier.Tolerance);
    }

    private static void Passes(string family, EngineIsa isa, int chunk = 0)
    {
        var options = new VerifyOptions { Isa = isa, Threads = 1, Chunk = chunk, KvType = KvType.F32 };
        IReadOnlyList<VerifyCase> cases = GoldenVerifier.Verify(SharedData.Find("golden", "families", family)!, options);
        Assert.All(cases, c => Assert.True(c.Passed, $"{c.Name}: {c.Error} {c.Detail}"));
        Assert.Equal(8, cases.Count);
    }
}
