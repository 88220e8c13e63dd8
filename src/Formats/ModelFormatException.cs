namespace XLLM.Formats;

/// <summary>
/// A model file that cannot be used: truncated, corrupted, contradictory or of a kind that is not known. The message names the
/// file, what is wrong and what would be right.
/// </summary>
public sealed class ModelFormatException : Exception
{
    /// <param name="file">The file's path, as the caller gave it.</param>
    /// <param name="problem">What is wrong, and what would be right, without a closing dot.</param>
    public ModelFormatException(string file, string problem, Exception? inner = null)
        : base($"{file}: {problem}.", inner)
    {
        File = file;
        Problem = problem;
    }

    public string File { get; }

    public string Problem { get; }
}
