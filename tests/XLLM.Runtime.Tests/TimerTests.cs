using Orleans.Runtime;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

[Collection(ClusterCollection.Name)]
public sealed class TimerTests(ClusterFixture fixture)
{
    private readonly string _key = Facts.NewKey();

    [Fact]
    public async Task Ticks_of_a_timer_do_not_overlap()
    {
        var grain = fixture.Client.GetGrain<ITimerGrain>(_key);

        await grain.StartOverlapAsync();

        await Facts.WaitAsync($"{_key} twenty");
        Assert.Equal(1, await grain.MeasureOverlapAsync());
    }

    [Fact]
    public async Task Change_in_the_callback_sets_the_next_tick()
    {
        await fixture.Client.GetGrain<ITimerGrain>(_key).ChangeInCallbackAsync();

        await Facts.WaitAsync($"{_key} second");
    }

    [Fact]
    public async Task An_idle_activation_is_collected()
    {
        var grain = fixture.Client.GetGrain<ITimerGrain>(_key);
        var before = await grain.ActivationAsync();

        await fixture.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

        Assert.Equal(DeactivationReasonCode.ActivationIdle, await Facts.WaitAsync<DeactivationReasonCode>($"{_key} deactivated"));
        Assert.NotEqual(before, await grain.ActivationAsync());
    }

    [Fact]
    public async Task DelayDeactivation_keeps_an_activation_from_collection()
    {
        var grain = fixture.Client.GetGrain<ITimerGrain>(_key);
        await grain.DelayAsync(TimeSpan.FromHours(1));
        var before = await grain.ActivationAsync();

        await fixture.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

        Assert.Equal(before, await grain.ActivationAsync());
    }
}
