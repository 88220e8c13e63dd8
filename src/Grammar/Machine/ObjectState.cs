namespace XLLM.Grammar.Machine;

/// <summary>What decides how an object can go on.</summary>
internal readonly record struct ObjectState(ulong[] Seen, int Count, ulong Failed, int Last)
{
    public bool Equals(ObjectState other) =>
        Count == other.Count && Failed == other.Failed && Last == other.Last && Seen.AsSpan().SequenceEqual(other.Seen);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Count);
        hash.Add(Failed);
        hash.Add(Last);
        foreach (ulong word in Seen)
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }
}
