using XLLM.Cli.Bench.Peers;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Tests.Bench;

/// <summary>The texts are what real builds printed.</summary>
public sealed class PeerOutputTests
{
    [Fact]
    public void A_prefill_test_of_llama_bench_is_read_with_its_commit_and_repetitions()
    {
        LlamaBenchOutput output = LlamaBenchOutput.Parse(Recorded.LlamaBench);
        Assert.Equal("8337e4c", output.Commit);
        Assert.Equal(512, output.Prompt);
        Assert.Equal(2, output.Rates.Count);
        Assert.All(output.Rates, r => Assert.InRange(r, 79, 90));
    }

    [Fact]
    public void A_decode_row_of_llama_batched_bench_is_found_in_its_noise()
    {
        BatchedBenchOutput row = BatchedBenchOutput.Parse(Recorded.BatchedBench);
        Assert.Equal((128, 32, 4), (row.Prompt, row.Generated, row.Streams));
        Assert.Equal(Recorded.BatchedDecodeRate, row.DecodeRate);
    }

    [Fact]
    public void Columns_are_found_by_their_names()
    {
        BatchedBenchOutput row = BatchedBenchOutput.Parse("| B | S_TG t/s | TG | PP | S_PP t/s |\n|---|---|---|---|---|\n| 2 | 7.5 | 3 | 9 | 11 |\n");
        Assert.Equal(new BatchedBenchOutput(9, 3, 2, 11, 7.5), row);
    }

    [Theory]
    [InlineData("")]
    [InlineData("error: failed to load model")]
    [InlineData("[]")]
    [InlineData("[{\"n_prompt\": 512}]")]
    [InlineData("[{\"n_prompt\": 512, \"samples_ts\": [")]
    [InlineData("[{\"n_prompt\": \"x\", \"samples_ts\": []}]")]
    public void What_is_not_llama_benchs_output_is_refused_with_its_end(string text) =>
        Assert.Contains("llama-bench's output", Assert.Throws<PeerException>(() => LlamaBenchOutput.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("n_ctx_req = 9 is greater than n_kv_max = 4")]
    [InlineData("|    PP |     TG |    B | S_PP t/s | S_TG t/s |\n|---|---|---|---|---|\n")]
    [InlineData("|    PP |     TG |    B | S_PP t/s | S_TG t/s |\n| 1 | 2 | x | 4 | 5 |\n")]
    public void A_table_without_a_whole_row_is_refused(string text) =>
        Assert.Contains("llama-batched-bench", Assert.Throws<PeerException>(() => BatchedBenchOutput.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Long_output_is_cut_to_its_end()
    {
        string message = Assert.Throws<PeerException>(() => BatchedBenchOutput.Parse(new string('x', 10_000) + "THE END")).Message;
        Assert.EndsWith("THE END", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 100, 600);
    }
}
