using System.Runtime.CompilerServices;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

[Collection(ClusterCollection.Name)]
public sealed class ObserverTests(ClusterFixture fixture)
{
    private readonly string _key = Facts.NewKey();

    private ISpeakerGrain Speaker => fixture.Client.GetGrain<ISpeakerGrain>(_key);

    [Fact]
    public async Task Observers_on_silos_and_on_a_client_hear_grains_one_call_at_a_time()
    {
        var listeners = new List<Listener>();
        foreach (var factory in new[] { fixture.Of(0), fixture.Of(1), fixture.Client })
        {
            var listener = new Listener();
            listeners.Add(listener);
            await Speaker.SubscribeAsync(factory.CreateObjectReference<IListener>(listener));
        }

        for (var i = 0; i < 50; i++)
        {
            await Speaker.SayAsync(i.ToString());
        }

        foreach (var listener in listeners)
        {
            var heard = new List<string>();
            for (var i = 0; i < 50; i++)
            {
                heard.Add(await listener.Heard.ReadAsync().AsTask().WaitAsync(Facts.Patience));
            }

            Assert.Equal(Enumerable.Range(0, 50).Select(i => i.ToString()).Order(), heard.Order());
            Assert.Equal(1, listener.MostInside);
        }
    }

    [Fact]
    public async Task An_observer_can_answer()
    {
        var listener = new Listener(n => n * 2);
        await Speaker.SubscribeAsync(fixture.Of(1).CreateObjectReference<IListener>(listener));

        Assert.Equal(42, await Speaker.AskAllAsync(21));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task An_observer_can_be_called_from_a_plain_thread()
    {
        var listener = new Listener();
        var reference = fixture.Of(1).CreateObjectReference<IListener>(listener);
        var fromSilo0 = fixture.Of(0).GetGrain<ISpeakerGrain>(_key);
        await fromSilo0.SubscribeAsync(reference);

        var thread = new Thread(() => reference.OnHeardAsync("from a thread").GetAwaiter().GetResult());
        thread.Start();

        Assert.Equal("from a thread", await listener.Heard.ReadAsync().AsTask().WaitAsync(Facts.Patience));
        thread.Join();
    }

    [Fact]
    public async Task Observers_are_held_weakly()
    {
        var (reference, weak) = CreateAndForget();

        for (var i = 0; i < 10 && weak.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(weak.IsAlive);

        // One-way to nobody: completes, and nothing breaks.
        await reference.OnHeardAsync("is anybody there");
    }

    [Fact]
    public async Task A_subscription_expires_unless_it_is_renewed()
    {
        var (first, second) = (new Listener(), new Listener());
        var renewed = fixture.Of(0).CreateObjectReference<IListener>(second);
        await Speaker.SubscribeAsync(fixture.Of(0).CreateObjectReference<IListener>(first));
        await Speaker.SubscribeAsync(renewed);
        await Speaker.PassTimeAsync(TimeSpan.FromMinutes(4));
        await Speaker.SubscribeAsync(renewed);

        await Speaker.PassTimeAsync(TimeSpan.FromMinutes(4));

        Assert.Equal(1, await Speaker.CountAsync());
    }

    [Fact]
    public async Task An_observer_that_throws_is_dropped()
    {
        var bad = new Listener(_ => throw new InvalidOperationException("no answer"));
        var good = new Listener();
        await Speaker.SubscribeAsync(fixture.Of(0).CreateObjectReference<IListener>(bad));
        await Speaker.SubscribeAsync(fixture.Of(0).CreateObjectReference<IListener>(good));

        Assert.Equal(5, await Speaker.AskAllAsync(5));

        Assert.Equal(1, await Speaker.CountAsync());
        GC.KeepAlive(bad);
        GC.KeepAlive(good);
    }

    [Fact]
    public async Task An_observer_reference_cannot_be_made_inside_a_grain() =>
        await Assert.ThrowsAsync<InvalidOperationException>(Speaker.ObserveItselfAsync);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private (IListener Reference, WeakReference Object) CreateAndForget()
    {
        var listener = new Listener();
        return (fixture.Of(0).CreateObjectReference<IListener>(listener), new WeakReference(listener));
    }
}
