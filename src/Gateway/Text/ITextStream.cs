namespace XLLM.Gateway.Text;

/// <summary>Turns tokens of one continuation into text, token by token; never gives half a character. One thread.</summary>
internal interface ITextStream
{
    /// <summary>Text that has become certain with this token, often empty within a character of several tokens.</summary>
    string Append(int token);

    /// <summary>What is left at the end, e.g. a replacement character for bytes that never became one.</summary>
    string Finish();
}
