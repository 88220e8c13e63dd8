using XLLM.Grammar.Tokens;

namespace XLLM.Grammar.Machine;

/// <summary>
/// A grammar at work: steps from cursor to cursor by bytes. A byte is refused when no wanted text begins with what is written and
/// the byte. Machines remember what they work out and are used by one thread at a time.
/// </summary>
internal abstract class ByteMachine
{
    /// <summary>Half of what may be remembered is used up: new texts had better begin on a new machine.</summary>
    public virtual bool IsWorn => false;

    /// <summary>Bytes of masks it keeps itself, about. Any thread.</summary>
    public virtual long RowBytes => 0;

    public abstract Cursor Start { get; }

    public abstract bool Step(ref Cursor cursor, byte b);

    /// <summary>Whether the text may end here.</summary>
    public abstract bool Accepts(in Cursor cursor);

    /// <summary>Whether anything but an end may follow.</summary>
    public virtual bool GoesOn(in Cursor cursor)
    {
        for (int b = 0; b < 256; b++)
        {
            Cursor next = cursor;
            if (Step(ref next, (byte)b))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Few bytes that bring the text to an accepted end; null when none are found within the number.</summary>
    public abstract byte[]? Complete(in Cursor cursor, int maxBytes);

    /// <summary>Equal keys have equal token masks.</summary>
    public abstract RowKey KeyOf(in Cursor cursor, TokenTables tokens);

    /// <summary>
    /// The cursor that a shared mask is worked out for. It may admit too much: tokens in which a key ends that is there already
    /// (<paramref name="recheck"/>).
    /// </summary>
    public virtual Cursor Shared(in Cursor cursor, out bool recheck)
    {
        recheck = false;
        return cursor;
    }

    /// <summary>Fills a mask by tables made for the vocabulary; false (and an empty mask) when none fits the cursor.</summary>
    public virtual bool TryFillByTables(in Cursor cursor, TokenTables tokens, Span<uint> mask) => false;
}
