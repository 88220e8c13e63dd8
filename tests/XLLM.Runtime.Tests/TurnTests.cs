using Orleans.Runtime;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

[Collection(ClusterCollection.Name)]
public sealed class TurnTests(ClusterFixture fixture)
{
    private readonly string _key = Facts.NewKey();

    [Fact]
    public async Task A_thousand_increments_across_awaits_end_at_a_thousand()
    {
        var grain = fixture.Client.GetGrain<ICounterGrain>(_key);

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => grain.IncrementAsync()));

        Assert.Equal(1000, await grain.GetAsync());
    }

    [Fact]
    public async Task A_grain_that_calls_itself_times_out()
    {
        var grain = fixture.Client.GetGrain<IBusyGrain>(_key);
        Facts.Set($"{_key} may end");

        await Assert.ThrowsAsync<TimeoutException>(grain.CallSelfAsync);
    }

    [Fact]
    public async Task A_grain_that_calls_itself_in_a_reentrant_section_is_answered() =>
        Assert.Equal(0, await fixture.Client.GetGrain<IBusyGrain>(_key).CallSelfReentrantlyAsync());

    [Fact]
    public async Task Two_read_only_requests_overlap()
    {
        var grain = fixture.Client.GetGrain<IBusyGrain>(_key);
        var first = grain.HoldReadingAsync(_key + "a");
        var second = grain.HoldReadingAsync(_key + "b");

        await Facts.WaitAsync($"{_key}a began");
        await Facts.WaitAsync($"{_key}b began");

        Facts.Set($"{_key}a may end");
        Facts.Set($"{_key}b may end");
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task An_always_interleaving_request_enters_a_busy_grain_and_an_ordinary_one_waits()
    {
        var grain = fixture.Client.GetGrain<IBusyGrain>(_key);
        var holding = grain.HoldAsync(_key);
        await Facts.WaitAsync($"{_key} began");

        var waiting = grain.GetEndedAsync();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(1, await grain.EnterAsync());
        }

        Assert.False(waiting.IsCompleted);
        Facts.Set($"{_key} may end");
        await holding;
        Assert.Equal(1, await waiting);
    }

    [Fact]
    public async Task A_hundred_callers_of_ten_cold_keys_find_one_activation_a_key()
    {
        var calls = Enumerable.Range(0, 1000).Select(async i =>
        {
            var grain = fixture.Of(i % 2).GetGrain<ICounterGrain>($"{_key}-{i % 10}");
            return (Key: i % 10, Activation: await grain.GetActivationIdAsync());
        });

        var answers = await Task.WhenAll(calls);

        Assert.All(answers.GroupBy(a => a.Key), g => Assert.Single(g.Select(a => a.Activation).Distinct()));
        Assert.Equal(10, answers.Select(a => a.Activation).Distinct().Count());
    }

    [Fact]
    public void A_class_FooGrain_has_grain_type_foo() => Assert.Equal(
        GrainId.Create("counter", _key), fixture.Client.GetGrain<ICounterGrain>(_key).GetGrainId());
}
