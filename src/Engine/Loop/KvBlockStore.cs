using System.Collections.Immutable;
using XLLM.Contracts.Ports;
using XLLM.Engine.Execution;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Loop;

/// <summary>
/// The engine's blocks for other threads: orders in a queue that the engine's thread carries out between two steps. When that
/// thread has ended nothing is held or taken any more, holds are ended by whoever releases them, and the last one frees the memory.
/// </summary>
/// <param name="memory">Null = the runner's blocks cannot be reached; only <see cref="ListAsync"/> works then.</param>
/// <param name="guests">Pools that blocks can be exchanged with; null = none.</param>
/// <param name="exchanges">Where exchanges are offered.</param>
/// <param name="hasher">Of the engine's prefix cache.</param>
/// <param name="wake">Wakes the engine's thread.</param>
internal sealed class KvBlockStore(IKvMemory? memory, GuestPools? guests, ExchangeTable? exchanges, BlockHasher hasher, Action wake)
    : IKvBlockStore, IBlockOwner
{
    private readonly object _lock = new();
    private Queue<KvOrder> _orders = new();
    private Queue<KvOrder> _taken = new();
    private EngineTurn? _ended;
    private Action? _free;

    public KvLayout Layout => memory!.Layout;

    public GuestPools Guests => guests!;

    public ExchangeTable Exchanges => exchanges!;

    public ValueTask<KvHold> HoldAsync(KvChain chain, CancellationToken cancellationToken = default)
    {
        Check(chain);
        return Ask(new KvOrder(KvOrderKind.Hold) { Chain = chain, Cancellation = cancellationToken, Held = NewAnswer() });
    }

    public ValueTask<KvHold> AllocateAsync(int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Ask(new KvOrder(KvOrderKind.Allocate) { Number = count, Cancellation = cancellationToken, Held = NewAnswer() });
    }

    public ValueTask<KvHold> StoreAsync(
        KvHold filled, KvChain chain, int first, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filled);
        Check(chain);
        if (first < 0 || first > chain.Hashes.Length)
        {
            throw new ArgumentException($"Blocks from {first} on were given; the chain has {chain.Hashes.Length}.", nameof(first));
        }

        return Ask(new KvOrder(KvOrderKind.Store) { Chain = chain, Hold = filled, Number = first, Held = NewAnswer() });
    }

    public void Release(KvHold hold)
    {
        ArgumentNullException.ThrowIfNull(hold);
        if (hold.Blocks.Length > 0)
        {
            Post(new KvOrder(KvOrderKind.Release) { Hold = hold });
        }
    }

    public ValueTask<KvHold> AllocateAsync(int count, Func<int, bool> fits) =>
        Ask(new KvOrder(KvOrderKind.Allocate) { Number = count, Fits = fits, Held = NewAnswer() });

    public ValueTask<(KvHold Shared, KvHold Exclusive)> DivideAsync(KvHold hold, Func<int, bool> fits)
    {
        TaskCompletionSource<(KvHold, KvHold)> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new KvOrder(KvOrderKind.Divide) { Hold = hold, Fits = fits, Divided = answer });
        return new ValueTask<(KvHold, KvHold)>(answer.Task);
    }

    public ValueTask<KvHold> ExchangeAsync(KvHold given, ImmutableArray<int> received) =>
        Ask(new KvOrder(KvOrderKind.Exchange) { Hold = given, Received = received, Held = NewAnswer() });

    public ValueTask<(int Returned, int Left)> ReturnAsync(ImmutableArray<int> own, int first, int count)
    {
        TaskCompletionSource<(int, int)> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new KvOrder(KvOrderKind.Return) { Received = own, Number = first, Count = count, Returned = answer });
        return new ValueTask<(int, int)>(answer.Task);
    }

    public nint AddressOf(int block) => memory!.AddressOf(block);

    /// <summary>All that the prefix cache has; gains and losses up to then are told by it and not once more.</summary>
    public ValueTask<BlockEventBatch> ListAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<BlockEventBatch> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new KvOrder(KvOrderKind.List) { Listed = answer, Cancellation = cancellationToken });
        return new ValueTask<BlockEventBatch>(answer.Task);
    }

    public void End(KvPrefill prefill) => Post(new KvOrder(KvOrderKind.EndPrefill) { Prefill = prefill });

    /// <summary>Carries out what was ordered. Engine's thread.</summary>
    public void Serve(EngineTurn turn)
    {
        lock (_lock)
        {
            if (_orders.Count == 0)
            {
                return;
            }

            (_orders, _taken) = (_taken, _orders);
        }

        while (_taken.TryDequeue(out KvOrder? order))
        {
            turn.CarryOut(order);
        }
    }

    /// <summary>The engine's thread does nothing more, and no step runs.</summary>
    public void Close(EngineTurn turn)
    {
        Serve(turn);
        turn.AnswerFenced(isClosed: true);
        lock (_lock)
        {
            _ended = turn;
            while (_orders.TryDequeue(out KvOrder? order))
            {
                CarryOutLate(order);
            }
        }
    }

    /// <summary>Calls this once, as soon as the engine's thread has ended and nothing is held.</summary>
    public void WhenUnused(Action free)
    {
        lock (_lock)
        {
            _free = free;
            FreeUnused();
        }
    }

    private static TaskCompletionSource<KvHold> NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ValueTask<KvHold> Ask(KvOrder order)
    {
        Post(order);
        return new ValueTask<KvHold>(order.Held!.Task);
    }

    private void Post(KvOrder order)
    {
        lock (_lock)
        {
            if (_ended is not null)
            {
                CarryOutLate(order);
                FreeUnused();
                return;
            }

            _orders.Enqueue(order);
        }

        wake();
    }

    // Under the lock, which takes the place of the engine's thread.
    private void CarryOutLate(KvOrder order)
    {
        if (order.Hold is not null)
        {
            _ended!.CarryOut(new KvOrder(KvOrderKind.Release) { Hold = order.Hold });
        }
        else if (order.Prefill is not null)
        {
            _ended!.CarryOut(order);
        }

        order.Held?.TrySetResult(KvHold.Empty);
        order.Listed?.TrySetResult(BlockEventBatch.Empty);
        order.Divided?.TrySetResult((KvHold.Empty, KvHold.Empty));
        order.Returned?.TrySetResult((0, order.Count));
    }

    private void FreeUnused()
    {
        if (_ended is { HoldsNothing: true } && _free is { } free)
        {
            _free = null;
            free();
        }
    }

    private void Check(KvChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        int blocks = chain.Hashes.IsDefault ? 0 : chain.Hashes.Length;
        ReadOnlySpan<int> tokens = chain.Tokens.AsSpan();
        if ((long)blocks * hasher.BlockTokens > tokens.Length || chain.Hashes.IsDefault || chain.Salt is null)
        {
            throw new ArgumentException(
                $"A chain of {blocks} blocks of {hasher.BlockTokens} tokens comes with {tokens.Length} tokens.", nameof(chain));
        }

        // All of the cache is named by one key: a wrong name would hide the block that has it by right.
        if (!hasher.HashPrompt(tokens[..(blocks * hasher.BlockTokens)], chain.Salt).AsSpan().SequenceEqual(chain.Hashes.AsSpan()))
        {
            throw new ArgumentException("The chain's hashes are not those of its tokens.", nameof(chain));
        }
    }
}
