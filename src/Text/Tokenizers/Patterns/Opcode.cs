namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>What an <see cref="Instruction"/> does.</summary>
internal enum Opcode
{
    /// <summary>One code point of <c>Set</c>.</summary>
    Set,

    /// <summary>
    /// Goes on; on failure resumes at <c>Target</c>. With a <c>Set</c>: straight to <c>Target</c> unless the next code point is
    /// in it.
    /// </summary>
    Try,

    Jump,

    /// <summary><c>Min</c> to <c>Max</c> code points of <c>Set</c>, as many as possible, giving back one at a time.</summary>
    SetLoop,

    /// <summary>The same, giving nothing back.</summary>
    PossessiveSetLoop,

    /// <summary>
    /// Runs the body that follows, up to its <c>Match</c>, alone; then goes to <c>Target</c>. <c>Min</c> is a <see
    /// cref="LookNode"/>'s width behind.
    /// </summary>
    LookAhead,
    NegativeLookAhead,
    LookBehind,
    NegativeLookBehind,
    Atomic,

    /// <summary>Remembers the position in register <c>Target</c>.</summary>
    Mark,

    /// <summary>Fails where the position is still that of register <c>Target</c>, so that no loop turns without moving.</summary>
    Moved,
    Anchor,
    Match,
}
