namespace XLLM.Text.ChatTemplates.Jinja.Lexing;

internal enum TokenKind
{
    /// <summary>Text outside of tags.</summary>
    Data,

    /// <summary>{{</summary>
    PrintBegin,

    /// <summary>}}</summary>
    PrintEnd,

    /// <summary>{%</summary>
    BlockBegin,

    /// <summary>%}</summary>
    BlockEnd,

    Name,
    String,
    Integer,
    Float,
    Operator,

    /// <summary>End of the template.</summary>
    End,
}
