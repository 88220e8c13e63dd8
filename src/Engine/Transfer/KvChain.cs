using System.Collections.Immutable;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer;

/// <summary>
/// Full blocks of a sequence by name and content: hash <c>i</c> covers tokens [0, (i + 1) * block tokens). The content is compared
/// wherever a block is taken for another's, so a hash collision cannot serve foreign KV.
/// </summary>
/// <param name="Hashes">Chained hashes of the full blocks, in order.</param>
/// <param name="Tokens">At least as many tokens as the blocks hold.</param>
/// <param name="Salt">The tenant's cache salt; empty = shared.</param>
public sealed record KvChain(ImmutableArray<BlockHash> Hashes, ImmutableArray<int> Tokens, string Salt);
