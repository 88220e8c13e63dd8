namespace XLLM.Text.Tokenizers.PreTokenizers;

/// <summary>Several pre-tokenizers, one after the other.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<IPreTokenizer> steps) : IPreTokenizer
{
    public void Split(IReadOnlyList<Piece> input, List<Piece> output)
    {
        IReadOnlyList<Piece> current = input;
        foreach (IPreTokenizer step in steps)
        {
            var next = new List<Piece>(current.Count);
            step.Split(current, next);
            current = next;
        }

        output.AddRange(current);
    }
}
