namespace XLLM.Gateway.Text;

/// <summary>A model's tokenizer as the gateway uses it. Safe for any thread.</summary>
internal interface ITextCodec
{
    /// <summary>Tokens of a text; special tokens written in it are recognised.</summary>
    /// <param name="text">Any text, empty too.</param>
    /// <param name="addSpecialTokens">Add what the tokenizer puts around a text, e.g. a BOS; one already there is not doubled.</param>
    IReadOnlyList<int> Encode(string text, bool addSpecialTokens);

    /// <summary>Text of a whole sequence of known tokens.</summary>
    string Decode(IReadOnlyList<int> tokens, bool skipSpecialTokens);

    /// <summary>The bytes a token stands for within a text; may be a part of a character.</summary>
    ReadOnlySpan<byte> BytesOf(int token);

    /// <summary>Bytes of the longest token, at least 1: a text of more bytes than tokens times this cannot be that few tokens.</summary>
    int LongestTokenBytes { get; }

    /// <summary>Id of the special token of this text, which no other token can write; null when it is none.</summary>
    int? SpecialTokenOf(string text);

    /// <summary>A fresh decoder for one continuation.</summary>
    /// <param name="skipSpecialTokens">Leave special tokens out.</param>
    /// <param name="shown">Texts of special tokens that are not left out all the same.</param>
    ITextStream NewStream(bool skipSpecialTokens, IReadOnlyList<string> shown);
}
