namespace XLLM.Grammar.Machine;

/// <summary>Which words of a <see cref="TextMachine"/> are admitted: single names, and all other words by their label.</summary>
internal sealed class Gate(ulong[] names, bool[] labels)
{
    public ulong[] Names { get; } = names;

    public bool[] Labels { get; } = labels;

    /// <summary>Words of a label that are taken already (only counted where a label has finitely many).</summary>
    public int[]? Taken { get; init; }
}
