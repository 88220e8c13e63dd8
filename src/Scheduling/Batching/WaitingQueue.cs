namespace XLLM.Scheduling.Batching;

/// <summary>
/// Sequences that wait, by class of priority and then in order of arrival; a pre-empted one goes back to its place. One thread.
/// </summary>
internal sealed class WaitingQueue
{
    private readonly List<Sequence> _sequences = [];

    public int Count => _sequences.Count;

    public Sequence this[int index] => _sequences[index];

    /// <summary>The first that is not paused and does not wait for something else, or null.</summary>
    public Sequence? Head(Func<Sequence, bool> waits)
    {
        foreach (Sequence sequence in _sequences)
        {
            if (!sequence.Paused && !waits(sequence))
            {
                return sequence;
            }
        }

        return null;
    }

    public int CountAdmitted()
    {
        int count = 0;
        foreach (Sequence sequence in _sequences)
        {
            count += sequence.Admitted ? 1 : 0;
        }

        return count;
    }

    public void Insert(Sequence sequence)
    {
        int at = _sequences.Count;
        while (at > 0 && BatchPlanner.IsBefore(sequence, _sequences[at - 1]))
        {
            at--;
        }

        _sequences.Insert(at, sequence);
    }

    public void Remove(Sequence sequence) => _sequences.Remove(sequence);

    public void RemoveAt(int index) => _sequences.RemoveAt(index);
}
