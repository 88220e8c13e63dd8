using XLLM.Cli.Bench.Chaos;

namespace XLLM.Cli.Tests.Bench.Chaos;

public sealed class FaultPlanTests
{
    private static readonly FaultKind[] All = Enum.GetValues<FaultKind>();

    [Fact]
    public void The_same_seed_gives_the_same_faults_and_another_seed_gives_others()
    {
        IReadOnlyList<Fault> first = FaultPlan.Make(7, 600, 4, All, 8);

        Assert.Equal(first, FaultPlan.Make(7, 600, 4, All, 8));
        Assert.NotEqual(first, FaultPlan.Make(8, 600, 4, All, 8));
    }

    [Fact]
    public void Faults_ascend_hit_engines_there_are_and_leave_the_end_in_peace()
    {
        IReadOnlyList<Fault> faults = FaultPlan.Make(1, 600, 4, All, 8);

        Assert.InRange(faults.Count, 40, 100);
        Assert.Equal(faults.OrderBy(f => f.At), faults);
        Assert.All(faults, f => Assert.InRange(f.Engine, 0, 3));
        Assert.All(faults, f => Assert.InRange(f.At, 0, 540));
        Assert.Equal(All, faults.Select(f => f.Kind).Distinct().Order());
    }

    [Fact]
    public void Pauses_are_on_both_sides_of_detection()
    {
        double[] pauses = [.. FaultPlan.Make(3, 6000, 2, [FaultKind.PauseEngine], 5).Select(f => f.Seconds)];

        Assert.Contains(pauses, s => s < 0.5);
        Assert.Contains(pauses, s => s > 2);
        Assert.All(pauses, s => Assert.InRange(s, 0.2, 4));
    }

    [Fact]
    public void Without_kinds_nothing_happens() => Assert.Empty(FaultPlan.Make(1, 600, 4, [], 8));
}
