namespace XLLM.Text.Tokenizers.PreTokenizers;

/// <summary>
/// Cuts pieces into smaller ones, which the model never merges across; may rewrite them. Safe for several threads.
/// </summary>
internal interface IPreTokenizer
{
    void Split(IReadOnlyList<Piece> input, List<Piece> output);
}
