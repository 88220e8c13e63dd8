using System.ComponentModel.DataAnnotations;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Routing;

namespace XLLM.Scheduling.Tests.Routing;

public sealed class RoutingOptionsTests
{
    [Fact]
    public void Defaults_are_valid()
    {
        Assert.Empty(Errors(new RoutingOptions()));
        Assert.Empty(Errors(new FleetOptions()));
    }

    [Fact]
    public void All_bad_values_are_told_at_once()
    {
        var routing = new RoutingOptions
        {
            Policy = "fastest", PrefixWeight = -1, LoadWeight = double.NaN, PrefillScale = 0, MaxAttempts = 17,
            TtftSeconds = 0, TpotSeconds = double.NaN, ChunkTokens = 0, TransferBytesPerSecond = -1, TransferDelaySeconds = -1,
            HostBytesPerSecond = 0, DiskBytesPerSecond = double.PositiveInfinity, TtftAcceptShare = 2, TtftSafeShare = -1, TpotSafeShare = double.NaN, LateLimit = -1, LendShare = 1.1,
        };
        var fleet = new FleetOptions
        {
            ReportPeriod = TimeSpan.Zero, SuspectAfter = TimeSpan.FromSeconds(-1), DeadAfter = TimeSpan.FromSeconds(-2),
            ForgetAfter = TimeSpan.FromSeconds(-3),
        };

        Assert.Equal(17, Errors(routing).Length);
        Assert.Equal(4, Errors(fleet).Length);
        Assert.Contains("round-robin, least-loaded, cache-aware", Errors(routing)[0]);
    }

    [Fact]
    public void An_unknown_policy_is_refused_with_the_known_names()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => RoutingPolicies.Create(new RoutingOptions { Policy = "fastest" }));
        Assert.Contains("cache-aware", error.Message);
    }

    private static string[] Errors(IValidatableObject options) =>
        [.. options.Validate(new ValidationContext(options)).Select(x => x.ErrorMessage!)];
}
