using XLLM.Engine.Sampling;

namespace XLLM.Engine.Tests.Sampling;

public class PhiloxTests
{
    // Known answers of the Random123 distribution, philox4x32-10.
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu,
        0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u,
        0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Block_OfAPublishedCounterAndKey_IsThePublishedAnswer(
        uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint x, uint y, uint z, uint w) =>
        Assert.Equal((x, y, z, w), Philox.Block(c0, c1, c2, c3, k0, k1));

    [Fact]
    public void Uniform_OverManyPositions_FillsTheUnitIntervalEvenly()
    {
        int[] bins = new int[20];
        for (int i = 0; i < 20_000; i++)
        {
            double value = Philox.Uniform(42, i);
            Assert.InRange(value, 0, 1 - double.Epsilon);
            bins[(int)(value * 20)]++;
        }

        // Chi-square with 19 degrees of freedom stays below 43.8 with probability 0.999.
        Assert.InRange(bins.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000), 0, 43.8);
    }
}
