using XLLM.Engine.Interop;
using XLLM.Engine.Models;

namespace XLLM.Engine.Tests.Models;

public sealed class RopeFrequenciesTests
{
    [Fact]
    public void Unscaled_frequencies_fall_from_one_by_powers_of_the_base()
    {
        RopeTable table = RopeFrequencies.Compute(new RopeConfig { Theta = 10_000 }, 8);
        Near([1f, 0.1f, 0.01f, 0.001f], table.InverseFrequencies);
        Assert.Equal(1f, table.Scale);
    }

    [Fact]
    public void Linear_scaling_divides_all()
    {
        RopeTable table = RopeFrequencies.Compute(new RopeConfig { Theta = 10_000, Scaling = RopeScaling.Linear, Factor = 4 }, 4);
        Near([0.25f, 0.0025f], table.InverseFrequencies);
    }

    [Fact]
    public void Llama3_scaling_keeps_high_frequencies_and_divides_low_ones()
    {
        var rope = new RopeConfig { Theta = 10_000, Scaling = RopeScaling.Llama3, Factor = 8, OriginalContext = 64 };
        RopeTable table = RopeFrequencies.Compute(rope, 8);
        // 64 positions turn the first pair 10.2 times (kept), the second 1.02 (between), the others less than once.
        double smooth = (64 * 0.1 / (2 * Math.PI) - 1) / 3;
        Near([1f, (float)((1 - smooth) * 0.1 / 8 + smooth * 0.1), 0.01f / 8, 0.001f / 8], table.InverseFrequencies);
    }

    [Fact]
    public void Yarn_scales_cos_and_sin_by_the_attention_factor()
    {
        var rope = new RopeConfig { Theta = 10_000, Scaling = RopeScaling.Yarn, Factor = 4, OriginalContext = 64 };
        Assert.Equal(0.1 * Math.Log(4) + 1, RopeFrequencies.Compute(rope, 16).Scale, 1e-6);
        Assert.Equal(1.5f, RopeFrequencies.Compute(rope with { AttentionFactor = 1.5 }, 16).Scale);
        Assert.Equal(1f, RopeFrequencies.Compute(rope with { Mscale = 1, MscaleAllDim = 1 }, 16).Scale);
    }

    [Fact]
    public void Yarn_goes_from_kept_to_divided_frequencies_without_a_jump_up()
    {
        var rope = new RopeConfig { Theta = 10_000, Scaling = RopeScaling.Yarn, Factor = 4, OriginalContext = 512 };
        float[] plain = RopeFrequencies.Compute(rope with { Scaling = RopeScaling.None }, 64).InverseFrequencies;
        float[] yarn = RopeFrequencies.Compute(rope, 64).InverseFrequencies;
        float[] ratios = [.. plain.Zip(yarn, (a, b) => a / b)];
        Assert.Equal(1f, ratios[0], 1e-5f);
        Assert.Equal(4f, ratios[^1], 1e-4f);
        Assert.All(ratios.Zip(ratios.Skip(1)), pair => Assert.True(pair.Second >= pair.First - 1e-4f));
    }

    [Fact]
    public void Divisors_of_the_file_divide_their_frequencies()
    {
        RopeTable table = RopeFrequencies.Compute(new RopeConfig { Theta = 10_000, Divisors = [1, 8] }, 4);
        Near([1f, 0.00125f], table.InverseFrequencies);
    }

    private static void Near(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, pair.First * 1e-6f));
    }
}
