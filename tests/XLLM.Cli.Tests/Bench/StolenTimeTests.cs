using XLLM.Cli.Bench.Limits;

namespace XLLM.Cli.Tests.Bench;

public sealed class StolenTimeTests
{
    [Fact]
    public void Stolen_time_is_a_share_of_what_was_wanted_not_of_idle_time()
    {
        StolenTime before = StolenTime.Parse("cpu  100 10 20 1000 5 1 2 50 0 0");
        StolenTime after = StolenTime.Parse("cpu  180 10 30 9000 9 1 2 60 0 0");
        Assert.Equal(0.1, after.ShareSince(before), 12);
        Assert.Equal(0, after.ShareSince(after));
        Assert.Equal(default, StolenTime.Parse("cpu 1 2"));
        Assert.InRange(StolenTime.Now().ShareSince(default), 0, 1);
    }
}
