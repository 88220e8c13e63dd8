namespace XLLM.Text.StopSequences;

/// <summary>What a <see cref="StopStringMatcher"/> says of a chunk.</summary>
/// <param name="Text">Text that may be given out: none of it can belong to a stop string that is still to come.</param>
/// <param name="StopString">The stop string that ended the text, or null while it goes on.</param>
public readonly record struct StopMatch(string Text, string? StopString)
{
    /// <summary>Whether a stop string was found; nothing may be appended after that.</summary>
    public bool Stopped => StopString is not null;
}
