using XLLM.Engine.Interop;
using XLLM.Testing;
using XLLM.Text.Tokenizers;
using XLLM.Verification;
using XLLM.Verification.Gguf;

namespace XLLM.Engine.Tests.Verification;

/// <summary>The demo model's GGUF files and a real one against logits of their dequantised weights.</summary>
public sealed class GgufGoldenTests
{
    private const string SmolLm = "models/SmolLM2-135M-Instruct.Q4_1.gguf";

    public static TheoryData<string> Types => ["F16", "Q8_0", "Q4_0", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"];

    [SharedTheory("models/xllm-demo-gguf", "golden/gguf")]
    [MemberData(nameof(Types))]
    public void Demo_files_stay_within_the_bounds_for_int8_activations(string type) =>
        Passes(Demo(type), DemoGolden(type), false);

    [SharedTheory("models/xllm-demo-gguf", "golden/gguf")]
    [MemberData(nameof(Types))]
    public void Demo_files_stay_within_the_bounds_for_float_activations(string type) =>
        Passes(Demo(type), DemoGolden(type), true);

    [SharedFact(SmolLm, "golden/gguf")]
    public void SmolLM2_stays_within_the_bounds_for_int8_activations() =>
        Passes(
            SharedData.Find(SmolLm.Split('/'))!,
            SharedData.Find("golden", "gguf", "SmolLM2-135M-Instruct.Q4_1.safetensors")!,
            false);

    [SharedFact(SmolLm, "golden/gguf")]
    public void SmolLM2_stays_within_the_bounds_for_float_activations() =>
        Passes(
            SharedData.Find(SmolLm.Split('/'))!,
            SharedData.Find("golden", "gguf", "SmolLM2-135M-Instruct.Q4_1.safetensors")!,
            true);

    [SharedFact("models/xllm-demo-gguf", "golden/gguf")]
    public void Another_quantisation_fails_the_comparison()
    {
        IReadOnlyList<VerifyCase> cases = GgufVerifier.Verify(Demo("Q2_K"), DemoGolden("F16"));
        Assert.Contains(cases, c => !c.Passed && c.Error > GgufVerifier.DemoMeanDivergence);
    }

    [SharedFact("models/xllm-demo-gguf", "golden/gguf")]
    public void Ids_other_than_the_golden_ones_are_failed_cases()
    {
        IReadOnlyList<VerifyCase> cases = GgufVerifier.Verify(Demo("Q8_0"), DemoGolden("Q8_0"), encode: _ => [1, 2, 3]);
        Assert.All(
            cases.Where(c => c.Name.EndsWith("tokens", StringComparison.Ordinal) && !c.Name.Contains("best")),
            c => Assert.False(c.Passed));
        Assert.Contains(cases, c => !c.Passed);
    }

    [SharedTheory("golden/gguf/blocks.safetensors")]
    [InlineData("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K")]
    public void Blocks_have_their_values_bit_for_bit(params string[] types)
    {
        IReadOnlyList<VerifyCase> cases = BlockVerifier.Verify(SharedData.Find("golden", "gguf", "blocks.safetensors")!);
        Assert.All(types, type =>
        {
            VerifyCase result = Assert.Single(cases, c => c.Name == type);
            Assert.True(result.Passed, $"{type}: {result.Error} {result.Detail}");
        });
        Assert.All(
            cases.Where(c => !types.Contains(c.Name)),
            c => Assert.Contains("is not supported", c.Detail, StringComparison.Ordinal));
    }

    private static string Demo(string type) => SharedData.Find("models", "xllm-demo-gguf", $"xllm-demo-{type}.gguf")!;

    private static string DemoGolden(string type) => SharedData.Find("golden", "gguf", $"xllm-demo-{type}.safetensors")!;

    private static void Passes(string model, string golden, bool floats)
    {
        var options = new VerifyOptions { Isa = EngineIsa.Auto, FloatActivations = floats };
        Tokenizer tokenizer = TokenizerLoader.Load(model);
        IReadOnlyList<VerifyCase> cases = GgufVerifier.Verify(
            model, golden, options, text => tokenizer.EncodeToIds(text, addSpecialTokens: false));
        Assert.NotEmpty(cases);
        Assert.All(cases, c => Assert.True(c.Passed, $"{c.Name}: {c.Error} {c.Detail}"));
    }
}
