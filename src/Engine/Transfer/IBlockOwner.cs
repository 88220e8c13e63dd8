using System.Collections.Immutable;

namespace XLLM.Engine.Transfer;

/// <summary>What an exchange needs of an engine's pool beyond <see cref="IKvBlockStore"/>; carried out by the engine's thread.</summary>
internal interface IBlockOwner
{
    GuestPools Guests { get; }

    /// <summary>The engine's own table of exchanges.</summary>
    ExchangeTable Exchanges { get; }

    /// <summary>
    /// Ends the hold and divides it: the last blocks that nobody else has and that <paramref name="fits"/> are taken out of the
    /// prefix cache, when no running step can read them any more; the others stay in it.
    /// </summary>
    ValueTask<(KvHold Shared, KvHold Exclusive)> DivideAsync(KvHold hold, Func<int, bool> fits);

    /// <summary>As <see cref="IKvBlockStore.AllocateAsync"/>, of the blocks that fit.</summary>
    ValueTask<KvHold> AllocateAsync(int count, Func<int, bool> fits);

    /// <summary>The held blocks are another's from now on, and those that were received are this pool's, held.</summary>
    ValueTask<KvHold> ExchangeAsync(KvHold given, ImmutableArray<int> received);

    /// <summary>
    /// The blocks among [<paramref name="first"/>, first + <paramref name="count"/>) that this pool owns leave when nobody needs
    /// them, and <paramref name="own"/>, which were given for them, come back: how many did now, and how many are still to leave.
    /// </summary>
    ValueTask<(int Returned, int Left)> ReturnAsync(ImmutableArray<int> own, int first, int count);
}
