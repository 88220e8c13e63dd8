using XLLM.Grammar.Numbers;

namespace XLLM.Grammar.Tokens;

/// <summary>What a token mask depends on.</summary>
internal readonly record struct RowKey(
    long Frame, int Goal, int Mode, int State, int Node, int Count, int Char, ulong Hash, NumberText? Number, long Place = 0);
