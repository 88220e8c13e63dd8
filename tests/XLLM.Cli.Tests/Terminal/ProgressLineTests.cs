using XLLM.Cli.Terminal;

namespace XLLM.Cli.Tests.Terminal;

public sealed class ProgressLineTests
{
    [Fact]
    public void A_terminal_gets_one_line_rewritten_and_then_ended()
    {
        StringWriter output = new();
        ProgressLine line = new(output, isTerminal: true, TimeProvider.System);

        line.Report("loading", 0, 1000);
        line.Report("loading", 1000, 1000);

        string text = output.ToString();
        Assert.Equal(2, text.Count(c => c == '\r'));
        Assert.EndsWith(Environment.NewLine, text);
        Assert.Contains("100 %", text);
    }

    [Fact]
    public void A_log_gets_a_line_at_each_tenth()
    {
        StringWriter output = new();
        ProgressLine line = new(output, isTerminal: false, TimeProvider.System);

        for (int i = 0; i <= 999; i++)
        {
            line.Report("soak", i, 1000);
        }

        Assert.Equal(10, output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
