using XLLM.Cli.Bench.Chaos;

namespace XLLM.Cli.Tests.Bench.Chaos;

public sealed class ChaosReportTests
{
    private static readonly ChaosPrompt[] Prompts = [new([1], 4, 0, 0, 0) { Expected = "one two three" }];

    [Theory]
    [InlineData("one two three", null, nameof(ChaosVerdict.Whole))]
    [InlineData("one two", null, nameof(ChaosVerdict.Lost))]
    [InlineData("one two", "the stream broke off", nameof(ChaosVerdict.Lost))]
    [InlineData("one two three", "the stream broke off", nameof(ChaosVerdict.Lost))]
    [InlineData("one two two three", null, nameof(ChaosVerdict.Doubled))]
    [InlineData("one ten three", null, nameof(ChaosVerdict.Different))]
    [InlineData("one ten", "the stream broke off", nameof(ChaosVerdict.Different))]
    public void An_answer_is_judged_by_the_undisturbed_one(string text, string? error, string verdict)
    {
        ChaosAnswer answer = new(0, 0, 1, text, 0.1, 0, error);

        Assert.Equal(Enum.Parse<ChaosVerdict>(verdict), new ChaosReport([answer], Prompts, [], 1).Judge(answer));
    }

    [Fact]
    public void The_silence_after_a_fault_is_that_of_the_requests_under_way()
    {
        Strike strike = new(new Fault(10, FaultKind.KillEngine, 0, 0), 10, null);
        ChaosAnswer[] answers =
        [
            new(0, 9, 12, "one two three", 0.7, 10.1, null),
            new(0, 9, 11, "one two three", 0.3, 10.0, null),
            new(0, 2, 5, "one two three", 3, 2, null),
            new(0, 11, 15, "one two three", 3.5, 11, null),
        ];

        Assert.Equal(0.7, new ChaosReport(answers, Prompts, [strike], 20).GapAfter(strike));
    }

    [Fact]
    public void The_report_counts_and_lists_every_fault()
    {
        Strike strike = new(new Fault(10, FaultKind.KillEngine, 2, 0), 10.04, null);
        ChaosReport report = new(
            [new(0, 9, 12, "one two three", 0.7, 10.1, null), new(0, 9, 12, "one", 0.7, 10.1, "500 boom")], Prompts, [strike], 20);

        string text = report.ToString();

        Assert.Contains("2 requests in 20 s, 1 faults: 1 whole, 1 lost, 0 doubled, 0 different", text, StringComparison.Ordinal);
        Assert.Contains("| 10.0 | KillEngine | 2 | 0.0 | 2 | 0.70 |", text, StringComparison.Ordinal);
        Assert.Contains("1 failed: 500 boom", text, StringComparison.Ordinal);
        Assert.Equal(1, (int)report.ToJson()["whole"]!);
    }
}
