using System.Text;

namespace XLLM.Text.Answers;

/// <summary>Pieces in their order; neighbours of one kind are one piece. Not thread-safe.</summary>
public sealed class AnswerPieces
{
    private readonly List<AnswerPiece> _pieces = [];
    private readonly StringBuilder _open = new();
    private AnswerPieceKind _kind;
    private int _call;

    /// <summary>All pieces since the last <see cref="Clear"/>; valid until more is added.</summary>
    public IReadOnlyList<AnswerPiece> Items
    {
        get
        {
            Close();
            return _pieces;
        }
    }

    /// <summary>Nothing was added.</summary>
    public bool IsEmpty => _pieces.Count == 0 && _open.Length == 0;

    /// <summary>Adds text at the end.</summary>
    public void Add(AnswerPieceKind kind, int call, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (kind != _kind || call != _call)
        {
            Close();
            (_kind, _call) = (kind, call);
        }

        _open.Append(text);
    }

    /// <summary>Forgets all pieces.</summary>
    public void Clear()
    {
        _pieces.Clear();
        _open.Clear();
    }

    private void Close()
    {
        if (_open.Length > 0)
        {
            _pieces.Add(new AnswerPiece(_kind, _call, _open.ToString()));
            _open.Clear();
        }
    }
}
