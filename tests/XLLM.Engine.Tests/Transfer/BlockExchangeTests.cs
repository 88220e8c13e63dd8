using System.Globalization;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Loop;
using XLLM.Engine.Tests.Loop;
using XLLM.Engine.Transfer;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>Blocks that change hands between engines of one machine without being copied.</summary>
public class BlockExchangeTests
{
    [SharedFact]
    public async Task APromptComputedInAnotherProcess_ChangesHandsWithoutACopy_AndStaysWhenThatProcessIsKilled()
    {
        using Peer peer = await Peer.StartAsync();
        await using EngineLoop loop = PeerProcess.Start(PeerProcess.Tester);
        using PeerPool pool = peer.Open(loop.Blocks!.Layout);
        BlockExchange exchange = BlockExchange.For(loop.Blocks)!;
        InferenceRequest request = PeerProcess.Request(1, 100, 30);
        KvChain chain = KvPort.Chain(loop.Blocks, request);

        int[] offer = Numbers(await peer.DoAsync($"offer {Environment.ProcessId} 1 100"));
        Assert.Equal(0, offer[1]);
        Assert.Equal(6, offer[2]);
        (KvHold hold, int exchanged) = await exchange.TakeAsync(pool, offer[0], chain, 0);
        Assert.Equal(6, exchanged);
        Assert.All(hold.Blocks, block => Assert.InRange(block, 100, 199));
        Assert.Equal("True", await peer.DoAsync("settle"));
        int[] theirs = await peer.RunAsync(1, 100, 30, first: 31);
        peer.Kill();

        Assert.Equal(theirs, await RunAsync(loop, request));
        Assert.Equal(4, loop.Load.PromptTokens);
        loop.Blocks.Release(hold);
        Assert.Empty(await loop.CheckIntegrityAsync());
        Assert.Equal(100, loop.Load.FreeBlocks);
    }

    [SharedTheory]
    [InlineData("giver before the take")]
    [InlineData("giver before it settles")]
    [InlineData("receiver before it answers")]
    public async Task WhicheverSideIsKilled_TheOtherKnowsWhatItOwns(string point)
    {
        using Peer peer = await Peer.StartAsync();
        await using EngineLoop loop = PeerProcess.Start(PeerProcess.Tester);
        IKvBlockStore blocks = loop.Blocks!;
        using PeerPool pool = peer.Open(blocks.Layout);
        BlockExchange exchange = BlockExchange.For(blocks)!;
        InferenceRequest request = PeerProcess.Request(2, 100, 20);
        KvChain chain = KvPort.Chain(blocks, request);
        if (point.StartsWith("giver", StringComparison.Ordinal))
        {
            int[] offer = Numbers(await peer.DoAsync($"offer {Environment.ProcessId} 2 100"));
            if (point == "giver before the take")
            {
                peer.Kill();
            }

            (KvHold hold, int exchanged) = await exchange.TakeAsync(pool, offer[0], chain, 0);
            peer.Kill();
            Assert.Equal(6, exchanged);
            blocks.Release(hold);
        }
        else
        {
            await RunAsync(loop, PeerProcess.Request(2, 100, 1));
            KvHold hold = await blocks.HoldAsync(chain);
            BlockOffer offer = await exchange.OfferAsync(pool, hold, chain);
            Assert.Equal(6, offer.Exclusive);
            Assert.Equal("6", await peer.DoAsync($"take {Environment.ProcessId} {offer.Slot} 0 2 100"));
            peer.Kill();
            Assert.True(await exchange.SettleAsync(offer));
        }

        Assert.Empty(await loop.CheckIntegrityAsync());
        Assert.Equal(100, loop.Load.FreeBlocks);
        await using EngineLoop alone = PeerProcess.Start(InstanceId.Of("alone", "engine"));
        for (int i = 0; i < 3; i++)
        {
            // The whole pool, foreign blocks too, is used.
            InferenceRequest other = PeerProcess.Request(10 + i, 1_500, 8);
            Assert.Equal(await RunAsync(alone, other), await RunAsync(loop, other with { Id = RequestId.New() }));
        }

        Assert.Equal(await RunAsync(alone, request), await RunAsync(loop, request with { Id = RequestId.New() }));
        Assert.Empty(await loop.CheckIntegrityAsync());
    }

    [SharedFact]
    public async Task WhatAKilledProcessGot_IsTakenBack_AsSoonAsNothingOfItsOwnIsUsed()
    {
        await using EngineLoop loop = PeerProcess.Start(PeerProcess.Tester);
        IKvBlockStore blocks = loop.Blocks!;
        BlockExchange exchange = BlockExchange.For(blocks)!;
        await using EngineLoop alone = PeerProcess.Start(InstanceId.Of("alone", "engine"));
        for (int round = 0; round < 5; round++)
        {
            // More processes than have room behind the pool at a time.
            using Peer peer = await Peer.StartAsync();
            using PeerPool pool = peer.Open(blocks.Layout);
            InferenceRequest request = PeerProcess.Request(20 + round, 100, 20);
            KvChain chain = KvPort.Chain(blocks, request);
            int[] offer = Numbers(await peer.DoAsync($"offer {Environment.ProcessId} {20 + round} 100"));
            (KvHold hold, int exchanged) = await exchange.TakeAsync(pool, offer[0], chain, 0);
            Assert.Equal(6, exchanged);
            Assert.Equal("True", await peer.DoAsync("settle"));
            peer.Kill();

            // The last block is held on, and so are those before it in the cache.
            Assert.Equal((0, 6), await exchange.ReclaimAsync(pool));
            Assert.Equal(await RunAsync(alone, request), await RunAsync(loop, request with { Id = RequestId.New() }));
            Assert.Empty(await loop.CheckIntegrityAsync());

            blocks.Release(hold);
            Assert.Equal((6, 0), await exchange.ReclaimAsync(pool));
            Assert.Equal((0, 0), await exchange.ReclaimAsync(pool));
            Assert.Empty(await loop.CheckIntegrityAsync());
            Assert.Equal(100, loop.Load.FreeBlocks);
            Assert.Equal(await RunAsync(alone, request), await RunAsync(loop, request with { Id = RequestId.New() }));
            KvHold own = await blocks.HoldAsync(chain);
            Assert.All(own.Blocks, block => Assert.InRange(block, 0, 99));
            blocks.Release(own);
        }
    }

    [SharedFact]
    public async Task AnOfferThatNobodyTakes_IsTheGiversAgain_AndCannotBeTakenLater()
    {
        await using EngineLoop first = PeerProcess.Start(InstanceId.Of("first", "engine"));
        await using EngineLoop second = PeerProcess.Start(InstanceId.Of("second", "engine"));
        using PeerPool firstPool = Open(first);
        using PeerPool secondPool = Open(second);
        InferenceRequest request = PeerProcess.Request(3, 80, 5);
        KvChain chain = KvPort.Chain(first.Blocks!, request);
        int[] tokens = await RunAsync(first, request);
        BlockOffer offer = await BlockExchange.For(first.Blocks!)!.OfferAsync(secondPool, await first.Blocks!.HoldAsync(chain), chain);
        Assert.Empty((await first.Blocks!.HoldAsync(chain)).Blocks);

        Assert.False(await BlockExchange.For(first.Blocks!)!.SettleAsync(offer));
        (KvHold none, int exchanged) = await BlockExchange.For(second.Blocks!)!.TakeAsync(firstPool, offer.Slot, chain, 0);

        Assert.Equal((0, 0), (exchanged, none.Blocks.Length));
        long before = first.Load.PromptTokens;
        Assert.Equal(tokens, await RunAsync(first, request with { Id = RequestId.New() }));
        Assert.Equal(16, first.Load.PromptTokens - before);
        Assert.Empty(await first.CheckIntegrityAsync());
        Assert.Empty(await second.CheckIntegrityAsync());
    }

    [SharedFact]
    public async Task RandomHandOversBetweenThreeEngines_KeepEveryPoolWholeAndEveryTokenRight()
    {
        EngineLoop[] engines = [.. Enumerable.Range(0, 3).Select(i => PeerProcess.Start(InstanceId.Of("engine", $"{i}")))];
        PeerPool[] pools = [.. engines.Select(Open)];
        await using EngineLoop alone = PeerProcess.Start(InstanceId.Of("alone", "engine"));
        Random random = new(5);
        int swapped = 0;
        int copiedBlocks = 0;
        for (int round = 0; round < 40; round++)
        {
            // Half of the prompts share their beginning with earlier ones.
            int[] prompt = [.. EngineHarness.Prompt(random.Next(3), 64, 4_000), .. EngineHarness.Prompt(50 + round, random.Next(5, 300), 4_000)];
            InferenceRequest request = PeerProcess.Request(0, 1, 1 + random.Next(20)) with { PromptTokens = [.. prompt] };
            request = request with { BlockHashes = KvPort.Chain(alone.Blocks!, prompt).Hashes };
            int from = random.Next(3);
            int to = (from + 1 + random.Next(2)) % 3;
            KvChain chain = KvPort.Chain(alone.Blocks!, request);
            Task<int[]> beside = RunAsync(engines[from], PeerProcess.Request(900 + round, 40, 10));
            await using (IKvPrefill? prefill = await engines[from].PrefillAsync(request))
            {
                await foreach (KvProgress _ in prefill!.Progress.ReadAllAsync())
                {
                }
            }

            BlockExchange giver = BlockExchange.For(engines[from].Blocks!)!;
            BlockOffer offer = await giver.OfferAsync(pools[to], await engines[from].Blocks!.HoldAsync(chain), chain);
            (KvHold hold, int copied) = await PeerBlocks.TakeAsync(
                engines[to].Blocks!, pools[from], chain with { Hashes = chain.Hashes[..offer.First] });
            int exchanged = 0;
            if (random.Next(4) > 0 && hold.Blocks.Length == offer.First)
            {
                (KvHold all, exchanged) = await BlockExchange.For(engines[to].Blocks!)!.TakeAsync(
                    pools[from], offer.Slot, chain, offer.First);
                engines[to].Blocks!.Release(all);
            }

            engines[to].Blocks!.Release(hold);
            Assert.Equal(exchanged > 0, await giver.SettleAsync(offer));
            swapped += exchanged;
            copiedBlocks += copied;
            await beside.Within();
            Assert.Equal(await RunAsync(alone, request), await RunAsync(engines[to], request));
            foreach (EngineLoop engine in engines)
            {
                Assert.Empty(await engine.CheckIntegrityAsync());
                Assert.Equal(100, engine.Load.FreeBlocks);
            }
        }

        Assert.True(swapped > 100 && copiedBlocks > 0, $"{swapped} blocks were exchanged, {copiedBlocks} copied");
        foreach (EngineLoop engine in engines)
        {
            await engine.DisposeAsync();
        }

        foreach (PeerPool pool in pools)
        {
            pool.Dispose();
        }
    }

    private static PeerPool Open(EngineLoop engine) =>
        PeerPool.TryOpen(Environment.ProcessId, engine.Descriptor.Id, engine.Descriptor.Epoch, engine.Blocks!.Layout)!;

    private static int[] Numbers(string line) => [.. line.Split(' ').Select(word => int.Parse(word, CultureInfo.InvariantCulture))];

    private static async Task<int[]> RunAsync(EngineLoop loop, InferenceRequest request)
    {
        Assert.True(await loop.StartAsync(request, (await loop.ReserveAsync(request)).Lease!));
        List<int> tokens = [];
        for (bool ended = false; !ended;)
        {
            EngineOutput output = await loop.Outputs.ReadAsync().AsTask().Within();
            foreach (TokenChunk chunk in output.Chunks.Where(chunk => chunk.Request == request.Id))
            {
                tokens.AddRange(chunk.Tokens.Select(token => token.Id));
                ended |= chunk.Outcome != RequestOutcome.None;
            }

            output.Return();
        }

        return [.. tokens];
    }
}
