using System.Diagnostics;
using XLLM.Cli.Cluster.Processes;

namespace XLLM.Cli.Tests.Cluster;

public sealed class ProcessTableTests
{
    [Fact]
    public async Task A_process_is_known_by_its_start_and_not_by_its_number_alone()
    {
        using Process sleeper = Process.Start("sleep", "60");
        ProcessMark mark = Assert.IsType<ProcessMark>(ProcessTable.Find(sleeper.Id));
        ProcessMark stale = mark with { Started = mark.Started - 1 };

        Assert.True(ProcessTable.IsAlive(mark));
        Assert.False(ProcessTable.IsAlive(stale));
        Assert.False(ProcessTable.Signal(stale, Signals.Kill));
        Assert.True(ProcessTable.IsAlive(mark));

        Assert.True(ProcessTable.Signal(mark, Signals.Kill));
        Assert.True(await ProcessTable.WaitForExitAsync(mark, TimeSpan.FromSeconds(10)));
        Assert.False(ProcessTable.Signal(mark, Signals.Kill));
    }

    [Theory]
    [InlineData("9", 9)]
    [InlineData("KILL", 9)]
    [InlineData("SIGTERM", 15)]
    [InlineData("stop", 19)]
    public void Signals_have_numbers_and_names(string text, int number) => Assert.Equal(number, Signals.Parse(text));

    [Theory]
    [InlineData("0")]
    [InlineData("99")]
    [InlineData("NOW")]
    [InlineData("")]
    public void Other_signals_are_refused(string text) => Assert.Throws<ArgumentException>(() => Signals.Parse(text));
}
