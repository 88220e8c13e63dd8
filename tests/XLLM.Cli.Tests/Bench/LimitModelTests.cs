using XLLM.Cli.Bench.Limits;
using XLLM.Cli.Bench.Points;
using XLLM.Engine.Execution;

namespace XLLM.Cli.Tests.Bench;

public sealed class LimitModelTests
{
    // Two layers, 2 heads of 4 over 1 KV head; the second layer sees 3 tokens.
    private static readonly ModelCost Cost = new()
    {
        LayerMacs = 1_000, HeadMacs = 500, MatrixBytes = 2_000, Heads = 2, KvHeads = 1, HeadDim = 4, KvRowBytes = 8, Windows = [0, 3],
    };

    [Fact]
    public void Attention_counts_scores_and_values_of_what_each_layer_sees()
    {
        // Tokens 0..4 see 1+2+3+4+5 = 15 and 1+2+3+3+3 = 12; 2 heads x 4 values, twice.
        Assert.Equal(2 * 8 * 27, Cost.AttentionMacs(0, 5));
        Assert.Equal(Cost.AttentionMacs(0, 5), Cost.AttentionMacs(0, 2) + Cost.AttentionMacs(2, 3));
        Assert.Equal(2 * 1 * 4 * 2 * (10 + 3), Cost.KvBytes(10));
    }

    [Fact]
    public void Decode_of_few_streams_is_limited_by_reading_weights_once_and_kv_of_every_stream()
    {
        BenchPoint point = new(PointKind.Decode, 4, 99);
        MachineLimits limits = new(1e6, 1e12, 0);
        double bytes = 2_000 + (4 * Cost.KvBytes(99 + 1 + 32));
        Assert.Equal(4 / (bytes / 1e6), LimitModel.TokensPerSecond(point, Cost, limits), 9);
    }

    [Fact]
    public void Decode_of_many_streams_is_limited_by_its_int8_work()
    {
        BenchPoint point = new(PointKind.Decode, 32, 99);
        MachineLimits limits = new(1e12, 1e6, 0);
        Assert.Equal(1e6 / (2 * 1_500), LimitModel.TokensPerSecond(point, Cost, limits), 9);
    }

    [Fact]
    public void Prefill_is_limited_by_all_its_multiply_adds_with_one_row_of_logits()
    {
        MachineLimits limits = new(1, 1e6, 0);
        double macs = (10 * 1_000) + 500 + Cost.AttentionMacs(0, 10);
        Assert.Equal(10 / (2 * macs / 1e6), LimitModel.TokensPerSecond(PointList.Prefill(10), Cost, limits), 9);
    }

    [Fact]
    public void Mixed_counts_logits_of_decoded_tokens_and_of_the_ends_of_prompts()
    {
        // One step: stream 0 decodes at 10, stream 1's prompt of 10 comes in.
        BenchPoint point = new(PointKind.Mixed, 1, 10);
        double macs = (11 * 1_000) + (2 * 500) + Cost.AttentionMacs(10, 1) + Cost.AttentionMacs(0, 10);
        Assert.Equal(11 / (2 * macs / 1e6), LimitModel.TokensPerSecond(point, Cost, new(1, 1e6, 0)), 9);
    }
}
