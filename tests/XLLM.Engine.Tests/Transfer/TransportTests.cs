using System.Net;
using System.Net.Sockets;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Engine.Transfer;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Transfer;

public class TransportTests
{
    private const int Layers = 4;

    [Fact]
    public async Task APushBringsTheBlocksIntoTheOtherCache()
    {
        await using KvNode sender = new("p");
        await using KvNode receiver = new("d");
        KvChain chain = MemoryStore.Chain(1, 20);
        KvHold held = sender.Store.Compute(chain);
        (KvLease lease, KvExpected expected) = receiver.Expect(chain);

        await using (IKvPush push = await sender.Transport.OpenPushAsync(receiver.Endpoint, lease, chain))
        {
            push.Add(new KvProgress(0, held.Blocks, 0, Layers));
            Assert.Equal(KvFault.None, await push.EndAsync(KvFault.None).AsTask().Within());
        }

        KvArrival arrival = await expected.Arrived.Within();
        Assert.Equal((KvFault.None, 20, 20), (arrival.Fault, arrival.Came, arrival.Held.Blocks.Length));
        receiver.Store.AssertHas(chain, 20);
        sender.Store.Release(held);
        Assert.Equal(20 * MemoryStore.Small.BlockBytes, receiver.Transport.Metrics.ReceivedTotal);
    }

    [Fact]
    public async Task APushFollowsTheComputationLayerByLayer_AndWhatTheReceiverHasIsNotSent()
    {
        await using KvNode sender = new("p");
        await using KvNode receiver = new("d");
        KvChain chain = MemoryStore.Chain(2, 12);
        receiver.Store.Release(receiver.Store.Compute(chain, 5));
        KvHold held = sender.Store.Compute(chain);
        (KvLease lease, KvExpected expected) = receiver.Expect(chain);

        await using (IKvPush push = await sender.Transport.OpenPushAsync(receiver.Endpoint, lease, chain))
        {
            for (int first = 0; first < 12; first += 4)
            {
                for (int layer = 0; layer < Layers; layer++)
                {
                    push.Add(new KvProgress(first, held.Blocks.Slice(first, 4), layer, 1));
                }
            }

            Assert.Equal(KvFault.None, await push.EndAsync(KvFault.None).AsTask().Within());
        }

        KvArrival arrival = await expected.Arrived.Within();
        Assert.Equal((KvFault.None, 7, 12), (arrival.Fault, arrival.Came, arrival.Held.Blocks.Length));
        receiver.Store.AssertHas(chain, 12);
        Assert.Equal(7 * MemoryStore.Small.BlockBytes, receiver.Transport.Metrics.ReceivedTotal);
        sender.Store.Release(held);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(300_001)]
    [InlineData(3_000)]
    public async Task APushWhoseConnectionIsCutGoesOnWhereItWas(long cutAfter)
    {
        await using KvNode sender = new("p");
        await using KvNode receiver = new("d");
        await using Relay relay = new(receiver.Transport.Port, cutAfter: [cutAfter, cutAfter * 2]);
        KvChain chain = MemoryStore.Chain(3, 60);
        KvHold held = sender.Store.Compute(chain);
        (KvLease lease, KvExpected expected) = receiver.Expect(chain);

        await using (IKvPush push = await sender.Transport.OpenPushAsync(
            receiver.Endpoint with { Port = relay.Port }, lease, chain))
        {
            push.Add(new KvProgress(0, held.Blocks, 0, Layers));
            Assert.Equal(KvFault.None, await push.EndAsync(KvFault.None).AsTask().Within());
        }

        Assert.Equal(60, (await expected.Arrived.Within()).Came);
        receiver.Store.AssertHas(chain, 60);
        Assert.Equal(3, relay.Connections);
        Assert.Equal(2, sender.Transport.Metrics.Resumes);

        // What had arrived was not sent again, apart from what was in a buffer when it was cut.
        long whole = 60 * MemoryStore.Small.BlockBytes;
        Assert.InRange(receiver.Transport.Metrics.ReceivedTotal, whole, whole + (3 * 16 * 1024));
        sender.Store.Release(held);
    }

    [Fact]
    public async Task ADamagedPayloadIsSentAgain()
    {
        await using KvNode sender = new("p");
        await using KvNode receiver = new("d");
        await using Relay relay = new(receiver.Transport.Port, flipAt: 100_000);
        KvChain chain = MemoryStore.Chain(4, 20);
        KvHold held = sender.Store.Compute(chain);
        (KvLease lease, KvExpected expected) = receiver.Expect(chain);

        await using (IKvPush push = await sender.Transport.OpenPushAsync(
            receiver.Endpoint with { Port = relay.Port }, lease, chain))
        {
            push.Add(new KvProgress(0, held.Blocks, 0, Layers));
            Assert.Equal(KvFault.None, await push.EndAsync(KvFault.None).AsTask().Within());
        }

        Assert.Equal(20, (await expected.Arrived.Within()).Came);
        receiver.Store.AssertHas(chain, 20);
        Assert.Equal(1, receiver.Transport.Metrics.Retries);
        Assert.Equal(1, relay.Connections);
        sender.Store.Release(held);
    }

    [Fact]
    public async Task APeerThatDiesLeavesWhatHasCome()
    {
        await using KvNode sender = new("p");
        await using KvNode receiver = new("d", options: KvNode.Impatient());
        await using Relay relay = new(receiver.Transport.Port);
        KvChain chain = MemoryStore.Chain(5, 20);
        KvHold held = sender.Store.Compute(chain);
        (KvLease lease, KvExpected expected) = receiver.Expect(chain);

        IKvPush push = await sender.Transport.OpenPushAsync(receiver.Endpoint with { Port = relay.Port }, lease, chain);
        push.Add(new KvProgress(0, held.Blocks[..8], 0, Layers));
        push.Add(new KvProgress(8, held.Blocks[8..9], 0, 2));
        while (receiver.Transport.Metrics.ReceivedTotal < (8 * MemoryStore.Small.BlockBytes) + 8192)
        {
            await Task.Yield();
        }

        relay.Kill();
        KvArrival arrival = await expected.Arrived.Within();
        Assert.Equal((KvFault.Silent, 8), (arrival.Fault, arrival.Came));
        receiver.Store.AssertHas(chain, 8);
        await push.DisposeAsync().AsTask().Within();
        sender.Store.Release(held);
    }

    [Fact]
    public async Task ASenderThatComputesForLongIsWaitedFor()
    {
        // A machine that is busy with other tests gives a sign of life late, too.
        await using KvNode sender = new("p", options: KvNode.Impatient(1500));
        await using KvNode receiver = new("d", options: KvNode.Impatient(1500));
        KvChain chain = MemoryStore.Chain(6, 4);
        KvHold held = sender.Store.Compute(chain);
        (KvLease lease, KvExpected expected) = receiver.Expect(chain);
        await using IKvPush push = await sender.Transport.OpenPushAsync(receiver.Endpoint, lease, chain);

        // Twice the silence that is allowed, with nothing but signs of life.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(3000));
        await timer.WaitForNextTickAsync();
        Assert.False(expected.Arrived.IsCompleted);
        push.Add(new KvProgress(0, held.Blocks, 0, Layers));
        Assert.Equal(KvFault.None, await push.EndAsync(KvFault.None).AsTask().Within());
        Assert.Equal(4, (await expected.Arrived.Within()).Came);
        sender.Store.Release(held);
    }

    [Fact]
    public async Task ASenderThatFailsSaysSo_AndWhatItHadComputedStays()
    {
        await using KvNode sender = new("p");
        await using KvNode receiver = new("d");
        KvChain chain = MemoryStore.Chain(7, 10);
        KvHold held = sender.Store.Compute(chain);
        (KvLease lease, KvExpected expected) = receiver.Expect(chain);
        await using IKvPush push = await sender.Transport.OpenPushAsync(receiver.Endpoint, lease, chain);
        push.Add(new KvProgress(0, held.Blocks[..3], 0, Layers));
        Assert.Equal(KvFault.NoContent, await push.EndAsync(KvFault.NoContent).AsTask().Within());
        KvArrival arrival = await expected.Arrived.Within();
        Assert.Equal((KvFault.NoContent, 3), (arrival.Fault, arrival.Came));
        sender.Store.Release(held);
    }

    [Fact]
    public async Task APushIsRefused_WithoutALease_ForAnotherChain_AndTwice()
    {
        await using KvNode sender = new("p");
        await using KvNode receiver = new("d");
        KvChain chain = MemoryStore.Chain(8, 4);
        (KvLease lease, KvExpected expected) = receiver.Expect(chain);
        Assert.Equal(KvFault.NoLease, await RefusalAsync(sender, receiver.Endpoint, lease with { Id = 99 }, chain));
        Assert.Equal(
            KvFault.NoLease, await RefusalAsync(sender, receiver.Endpoint, lease with { Request = RequestId.New() }, chain));
        Assert.Equal(KvFault.NoContent, await RefusalAsync(sender, receiver.Endpoint, lease, MemoryStore.Chain(9, 4)));
        Assert.Equal(KvFault.NoLease, await RefusalAsync(sender, receiver.Endpoint, lease, chain));
        Assert.Equal(KvFault.NoContent, (await expected.Arrived.Within()).Fault);
    }

    [Fact]
    public async Task APushEndsWhenNobodyWaitsAnyMore()
    {
        await using KvNode sender = new("p");
        await using KvNode receiver = new("d");
        KvChain chain = MemoryStore.Chain(10, 4);
        (KvLease lease, KvExpected expected) = receiver.Expect(chain);
        await using IKvPush push = await sender.Transport.OpenPushAsync(receiver.Endpoint, lease, chain);
        expected.Cancel();
        Assert.Equal(KvFault.Cancelled, await push.Ended.Within());
    }

    [Fact]
    public async Task OnlyAShareOfThePoolIsGivenToWhatArrives()
    {
        KvTransferOptions options = KvNode.Options();
        options.ReceiveShare = 0.1;
        await using KvNode sender = new("p");
        await using KvNode receiver = new("d", blocks: 100, options: options);
        KvChain chain = MemoryStore.Chain(11, 40);
        KvHold held = sender.Store.Compute(chain);
        (KvLease lease, KvExpected expected) = receiver.Expect(chain);
        await using IKvPush push = await sender.Transport.OpenPushAsync(receiver.Endpoint, lease, chain);
        Assert.Equal(90, receiver.Store.Available);
        push.Add(new KvProgress(0, held.Blocks, 0, Layers));
        Assert.Equal(KvFault.None, await push.EndAsync(KvFault.None).AsTask().Within());
        Assert.Equal(10, (await expected.Arrived.Within()).Came);
        sender.Store.Release(held);
    }

    [Fact]
    public async Task AnotherSecretIsRefused_OnBothSides()
    {
        KvTransferOptions options = KvNode.Options();
        options.Secret = "quite another secret";
        await using KvNode stranger = new("p", options: options);
        await using KvNode receiver = new("d");
        (KvLease lease, _) = receiver.Expect(MemoryStore.Chain(12, 4));
        Assert.Equal(KvFault.WrongSecret, await RefusalAsync(stranger, receiver.Endpoint, lease, MemoryStore.Chain(12, 4)));
        Assert.Equal(1, receiver.Transport.Metrics.ClosedFor(KvFault.WrongSecret));
        Assert.Equal(0, receiver.Transport.Metrics.Connections);
    }

    [Fact]
    public async Task AnotherEpochIsRefused_OfTheReceiverAndOfTheSender()
    {
        await using KvNode receiver = new("d", epoch: 8);
        KvChain chain = MemoryStore.Chain(13, 4);
        (KvLease lease, _) = receiver.Expect(chain);
        await using KvNode after = new("p", epoch: 6);
        Assert.Equal(KvFault.WrongEpoch, await RefusalAsync(after, receiver.Endpoint with { Epoch = 7 }, lease, chain));
        Assert.Equal(KvFault.NoLease, await RefusalAsync(after, receiver.Endpoint, lease with { Id = 50 }, chain));
        await using KvNode before = new("p", epoch: 5);
        Assert.Equal(KvFault.WrongEpoch, await RefusalAsync(before, receiver.Endpoint, lease, chain));
    }

    [Fact]
    public async Task AnotherLayoutIsRefused()
    {
        await using KvNode receiver = new("d");
        await using KvNode other = new("p", layout: MemoryStore.Small with { Fingerprint = "other weights" });
        KvChain chain = MemoryStore.Chain(14, 4);
        (KvLease lease, _) = receiver.Expect(chain);
        Assert.False(other.Transport.CanReach(receiver.Endpoint));
        Assert.Equal(KvFault.WrongLayout, await RefusalAsync(other, receiver.Endpoint, lease, chain));
    }

    [Fact]
    public async Task AFetchBringsWhatThePeerHas()
    {
        await using KvNode holder = new("p");
        await using KvNode asker = new("d");
        KvChain chain = MemoryStore.Chain(15, 30, salt: "tenant");
        holder.Store.Release(holder.Store.Compute(chain, 20));
        asker.Store.Release(asker.Store.Compute(chain, 4));

        KvArrival arrival = await asker.Transport.FetchAsync(holder.Endpoint, chain).AsTask().Within();

        Assert.Equal((KvFault.None, 16, 20), (arrival.Fault, arrival.Came, arrival.Held.Blocks.Length));
        asker.Store.Release(arrival.Held);
        asker.Store.AssertHas(chain, 20);
        Assert.Equal(16 * MemoryStore.Small.BlockBytes, holder.Transport.Metrics.SentTotal);
        KvArrival foreign = await asker.Transport.FetchAsync(holder.Endpoint, MemoryStore.Chain(15, 30)).AsTask().Within();
        Assert.Equal((KvFault.NoContent, 0), (foreign.Fault, foreign.Held.Blocks.Length));
        await WaitUntilFreeAsync(holder.Store);
    }

    [Fact]
    public async Task AFetchWhoseConnectionIsCutAsksForTheRest()
    {
        await using KvNode holder = new("p");
        await using KvNode asker = new("d");
        await using Relay relay = new(holder.Transport.Port, cutAfter: [200_000, 90_000], toClient: true);
        KvChain chain = MemoryStore.Chain(16, 50);
        holder.Store.Release(holder.Store.Compute(chain));

        KvArrival arrival = await asker.Transport.FetchAsync(holder.Endpoint with { Port = relay.Port }, chain)
            .AsTask().Within();

        Assert.Equal((KvFault.None, 50), (arrival.Fault, arrival.Came));
        asker.Store.Release(arrival.Held);
        asker.Store.AssertHas(chain, 50);
        Assert.Equal(2, asker.Transport.Metrics.Resumes);
        long whole = 50 * MemoryStore.Small.BlockBytes;
        Assert.InRange(asker.Transport.Metrics.ReceivedTotal, whole, whole + (3 * 16 * 1024));
        await WaitUntilFreeAsync(holder.Store);
    }

    [Fact]
    public async Task AFetchFromNobodyEndsSoon()
    {
        await using KvNode asker = new("d", options: KvNode.Impatient());
        KvEndpoint nobody = asker.Endpoint with { Instance = InstanceId.Of("x", "cpu0"), Port = 1 };
        KvArrival arrival = await asker.Transport.FetchAsync(nobody, MemoryStore.Chain(17, 4)).AsTask().Within();
        Assert.Equal((KvFault.Unreachable, 0), (arrival.Fault, arrival.Held.Blocks.Length));
    }

    [Fact]
    public async Task ManyTransfersShareOneConnection_BothWays()
    {
        await using KvNode one = new("p", blocks: 512);
        await using KvNode two = new("d", blocks: 512);
        KvChain[] chains = [.. Enumerable.Range(100, 16).Select(seed => MemoryStore.Chain(seed, 8))];
        for (int i = 0; i < 16; i++)
        {
            (i % 2 == 0 ? one : two).Store.Release((i % 2 == 0 ? one : two).Store.Compute(chains[i]));
        }

        KvArrival[] arrivals = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => i % 2 == 0
            ? two.Transport.FetchAsync(one.Endpoint, chains[i]).AsTask()
            : one.Transport.FetchAsync(two.Endpoint, chains[i]).AsTask())).Within();

        for (int i = 0; i < 16; i++)
        {
            Assert.Equal((KvFault.None, 8), (arrivals[i].Fault, arrivals[i].Came));
            MemoryStore store = (i % 2 == 0 ? two : one).Store;
            store.Release(arrivals[i].Held);
            store.AssertHas(chains[i], 8);
        }

        Assert.Equal(2, one.Transport.Metrics.Connections);
        await WaitUntilFreeAsync(one.Store);
        await WaitUntilFreeAsync(two.Store);
    }

    /// <summary>Bytes of somebody who does not know the protocol, or the secret, get nowhere and leave nothing.</summary>
    [Fact]
    public async Task GarbageEndsAConnection_AndIsCounted()
    {
        await using KvNode node = new("d");
        Random random = new(5);
        for (int round = 0; round < 40; round++)
        {
            using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, node.Transport.Port);
            byte[] bytes = new byte[40 + random.Next(500)];
            random.NextBytes(bytes);
            await socket.SendAsync(bytes);
            Assert.Equal(0, await ReceiveAsync(socket).Within());
        }

        Assert.Equal(40, node.Transport.Metrics.ClosedFor(KvFault.Garbage));
        Assert.Equal(0, node.Transport.Metrics.Connections);
    }

    /// <summary>As who looks whether a port is open.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AConnectionThatEndsWithoutAWord_IsNoFault(bool isReset)
    {
        LineLogger logger = new();
        await using (KvNode node = new("d", logger: logger))
        {
            using (Socket socket = new(SocketType.Stream, ProtocolType.Tcp))
            {
                await socket.ConnectAsync(IPAddress.Loopback, node.Transport.Port);
                socket.LingerState = new LingerOption(isReset, 0);
            }

            await UntilAsync(() => logger.Lines.Any(x => x.StartsWith("Debug ", StringComparison.Ordinal) && x.Contains("without a word")));
            using Socket other = new(SocketType.Stream, ProtocolType.Tcp);
            await other.ConnectAsync(IPAddress.Loopback, node.Transport.Port);
            await other.SendAsync(new byte[40]);
            Assert.Equal(0, await ReceiveAsync(other).Within());
        }

        Assert.Single(logger.Lines, x => x.StartsWith("Warning ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SilenceInTheHandshakeIsNotWaitedForLong_AndTooManyConnectionsAreTurnedAway()
    {
        KvTransferOptions options = KvNode.Options();
        options.ConnectTimeout = TimeSpan.FromMilliseconds(300);
        options.MaxConnections = 2;
        await using KvNode node = new("d", options: options);
        using Socket one = new(SocketType.Stream, ProtocolType.Tcp);
        using Socket two = new(SocketType.Stream, ProtocolType.Tcp);
        using Socket three = new(SocketType.Stream, ProtocolType.Tcp);
        await one.ConnectAsync(IPAddress.Loopback, node.Transport.Port);
        await two.ConnectAsync(IPAddress.Loopback, node.Transport.Port);
        await three.ConnectAsync(IPAddress.Loopback, node.Transport.Port);
        Assert.Equal(0, await ReceiveAsync(three).Within());
        Assert.Equal(0, await ReceiveAsync(one).Within());
        Assert.Equal(0, await ReceiveAsync(two).Within());
        Assert.Equal(1, node.Transport.Metrics.ClosedFor(KvFault.Flooded));
        await UntilAsync(() => node.Transport.Metrics.ClosedFor(KvFault.Unreachable) == 2);
    }

    /// <summary>The other side sees the end of a connection before this one has counted it.</summary>
    private static async Task UntilAsync(Func<bool> holds)
    {
        DateTime limit = DateTime.UtcNow.AddSeconds(30);
        while (!holds())
        {
            Assert.True(DateTime.UtcNow < limit, "it did not happen in 30 s");
            await Task.Yield();
        }
    }

    private static async Task<int> ReceiveAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[16]);
        }
        catch (SocketException)
        {
            // Closed with bytes of ours unread.
            return 0;
        }
    }

    private static async Task<KvFault> RefusalAsync(KvNode sender, KvEndpoint endpoint, KvLease lease, KvChain chain)
    {
        KvTransferException refusal = await Assert.ThrowsAsync<KvTransferException>(
            async () => await sender.Transport.OpenPushAsync(endpoint, lease, chain).AsTask().Within());
        return refusal.Fault;
    }

    /// <summary>The side that gave learns a moment later that it can let go.</summary>
    private static async Task WaitUntilFreeAsync(MemoryStore store)
    {
        for (DateTime limit = DateTime.UtcNow.AddSeconds(30); DateTime.UtcNow < limit; await Task.Yield())
        {
            try
            {
                store.AssertSound();
                return;
            }
            catch (Xunit.Sdk.TrueException)
            {
                // Still held.
            }
        }

        store.AssertSound();
    }
}
