using System.Diagnostics;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.Serialization;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

[Collection(ClusterCollection.Name)]
public sealed class CallTests(ClusterFixture fixture)
{
    private readonly string _key = Facts.NewKey();

    /// <summary>A grain on silo 0, called from that silo, from the other one, and from the client.</summary>
    public static TheoryData<string> Callers => new("same silo", "other silo", "client");

    private IGrainFactory From(string caller) => caller switch
    {
        "same silo" => fixture.Of(0),
        "other silo" => fixture.Of(1),
        _ => fixture.Client,
    };

    // The hint stays in the test's flow, for the call that makes the activation.
    private T GrainOnSilo0<T>(string caller)
        where T : IGrainWithStringKey
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, fixture.Cluster.Silos[0].SiloAddress);
        return From(caller).GetGrain<T>(_key);
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_list_changed_after_the_call_is_unseen_by_the_grain_and_the_other_way_round(string caller)
    {
        var grain = GrainOnSilo0<ILibraryGrain>(caller);
        var values = new List<int> { 1, 2 };

        await grain.StoreAsync(values);
        values.Add(3);
        Assert.Equal([1, 2], await grain.GetAsync());

        var answer = await grain.GetAsync();
        answer.Add(4);
        Assert.Equal([1, 2], await grain.GetAsync());
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Cycles_and_shared_objects_keep_their_shape(string caller)
    {
        var grain = GrainOnSilo0<ILibraryGrain>(caller);
        var tree = new Tree { Name = "root" };
        var child = new Tree { Name = "child", Parent = tree };
        tree.Children.AddRange([child, child]);

        await grain.StoreTreeAsync(tree);
        tree.Name = "changed";
        var answer = await grain.GetTreeAsync();

        Assert.Equal("root", answer.Name);
        Assert.Same(answer, answer.Children[0].Parent);
        Assert.Same(answer.Children[0], answer.Children[1]);
    }

    [Fact]
    public async Task An_immutable_object_is_not_copied_within_a_silo()
    {
        var grain = GrainOnSilo0<ILibraryGrain>("same silo");
        FrozenNote.Last = new FrozenNote { Text = "x" };

        Assert.True(await grain.IsSameAsync(FrozenNote.Last));
        Assert.False(await fixture.Of(1).GetGrain<ILibraryGrain>(_key).IsSameAsync(FrozenNote.Last));
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_custom_exception_keeps_type_message_member_and_stack(string caller)
    {
        var grain = GrainOnSilo0<IFailingGrain>(caller);

        var e = await Assert.ThrowsAsync<CustomException>(grain.ThrowCustomAsync);

        Assert.Equal("custom", e.Message);
        Assert.Equal(42, e.Code);
        Assert.Contains(nameof(FailingGrain), e.StackTrace, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task An_aggregate_exception_keeps_its_shape(string caller)
    {
        var grain = GrainOnSilo0<IFailingGrain>(caller);

        var e = await Assert.ThrowsAsync<AggregateException>(grain.ThrowAggregateAsync);

        Assert.Collection(
            e.InnerExceptions,
            first => Assert.Equal("first", Assert.IsType<InvalidOperationException>(first).Message),
            second => Assert.Equal("second", Assert.IsType<ArgumentException>(second).Message));
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Inner_exceptions_come_along(string caller)
    {
        var grain = GrainOnSilo0<IFailingGrain>(caller);

        var e = await Assert.ThrowsAsync<InvalidOperationException>(grain.ThrowNestedAsync);

        var inner = Assert.IsType<CustomException>(Assert.IsType<FormatException>(e.InnerException).InnerException);
        Assert.Equal(7, inner.Code);
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Errors_of_constructor_and_activation_reach_the_caller(string caller)
    {
        var constructed = GrainOnSilo0<IBadConstructorGrain>(caller);
        // Newer Orleans wraps what a constructor throws.
        Exception error = await Assert.ThrowsAnyAsync<Exception>(constructed.CallAsync);
        Assert.Equal(1, Assert.IsType<CustomException>(error.GetBaseException()).Code);

        var activated = GrainOnSilo0<IBadActivationGrain>(caller);
        Assert.Equal(2, (await Assert.ThrowsAsync<CustomException>(activated.CallAsync)).Code);
    }

    [Theory]
    [InlineData("other silo")]
    [InlineData("client")]
    public async Task An_unserializable_result_or_exception_is_an_error_at_the_caller_and_not_a_hang(string caller)
    {
        var grain = GrainOnSilo0<IFailingGrain>(caller);

        await Assert.ThrowsAnyAsync<Exception>(grain.ReturnUnserializableAsync);
        var e = await Assert.ThrowsAnyAsync<Exception>(grain.ThrowLocalOnlyAsync);
        Assert.IsNotType<TimeoutException>(e);
    }

    [Fact]
    public async Task An_unserializable_argument_is_refused()
    {
        var grain = fixture.Client.GetGrain<ILibraryGrain>(_key);

        var e = await Assert.ThrowsAnyAsync<SerializerException>(() => grain.EchoAsync(new Unserializable()));

        Assert.Contains(nameof(Unserializable), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_method_that_takes_too_long_fails_in_about_its_timeout_and_still_completes(string caller)
    {
        var grain = GrainOnSilo0<IBusyGrain>(caller);
        await grain.EnterAsync();
        var watch = Stopwatch.StartNew();

        await Assert.ThrowsAsync<TimeoutException>(() => grain.HoldBrieflyAsync(_key + caller));

        Assert.InRange(watch.Elapsed.TotalSeconds, 0.9, 3.5);
        Facts.Set($"{_key}{caller} may end");
        await Facts.WaitAsync($"{_key}{caller} ended");
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_cancelled_token_throws_before_anything_is_sent(string caller)
    {
        var grain = GrainOnSilo0<IBusyGrain>(caller);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => grain.HoldUntilCancelledAsync(_key, new CancellationToken(canceled: true)));

        await grain.GetEndedAsync();
        Assert.False(Facts.IsSet($"{_key} began"));
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_running_request_sees_its_cancellation(string caller)
    {
        var grain = GrainOnSilo0<IBusyGrain>(caller);
        using var source = new CancellationTokenSource();
        var running = grain.HoldUntilCancelledAsync(_key, source.Token);
        await Facts.WaitAsync($"{_key} began");

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Facts.WaitAsync($"{_key} cancelled");
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_one_way_call_completes_though_the_grain_throws(string caller)
    {
        var grain = GrainOnSilo0<IBusyGrain>(caller);

        var call = grain.FailOneWayAsync(_key);
        await call;

        Assert.Equal(TaskStatus.RanToCompletion, call.Status);
        await Facts.WaitAsync($"{_key} ran");
    }
}
