using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>
/// The inner loop of strings and keys: steps of integers, without the rest of a cursor. One for each string that tokens are
/// tried in.
/// </summary>
internal sealed class TextCursor
{
    private readonly TextPlan? _plan;
    private readonly Gate? _gate;
    private readonly TextMachine _machine;
    private readonly LiveStates? _live;
    private readonly bool _hashed;
    private readonly bool _noNames;

    /// <summary>No token reaches further than this many code points.</summary>
    private const int Reach = 256;

    public TextCursor(TextPlan plan, bool hashed, int count)
    {
        _plan = plan;
        _machine = plan.Machine;
        _live = plan.LiveStates(count, Reach);
        _noNames = _machine.Trie.Count == 0;
        _hashed = hashed;
    }

    public TextCursor(ObjectFrame frame)
    {
        _machine = frame.Plan.Keys;
        _gate = frame.Gate;
        _live = frame.Plan.LiveStates(_gate);
        _noNames = _machine.Trie.Count == 0;
        _hashed = true;
    }

    public bool Step(in Position from, byte b, out Position to)
    {
        to = from;
        int codePoint = b;
        if (from.Char != 0 || b >= 0x80 || b < 0x20 || b == '\\')
        {
            switch (CharDecoder.Step(ref to.Char, b, true, out codePoint))
            {
                case CharStep.Pending when _live is not null && (from.Node < 0 || _noNames):
                    return _live.IsLive(from.State, to.Char);
                case CharStep.Pending:
                    CharDecoder.Ranges(to.Char, out int first, out int last, out int first2, out int last2);
                    return Within(to, first, last) || Within(to, first2, last2);
                case CharStep.Complete:
                    break;
                default:
                    return false;
            }
        }

        to.State = _machine.Automaton.Step(from.State, codePoint);
        to.Node = from.Node < 0 || _noNames ? -1 : _machine.Trie.Step(from.Node, codePoint);
        to.Count = _plan is null ? 0 : _plan.Clip(from.Count + 1);
        if (_hashed)
        {
            to.Hash = ValueHash.Mix(from.Hash, (ulong)codePoint);
        }

        return to.Node < 0 && _live is not null
            ? _live.IsLive(to.State)
            : _plan is not null ? _plan.Live(to.Node, to.State, to.Count) : _machine.Live(to.Node, to.State, _gate!);
    }

    private bool Within(in Position at, int first, int last) => first <= last && (_plan is not null
        ? _plan.LiveWithin(at.Node, at.State, at.Count, first, last)
        : _machine.LiveWithin(at.Node, at.State, _gate!, first, last));

    internal struct Position
    {
        public int State;
        public int Node;
        public int Count;
        public int Char;
        public ulong Hash;
    }
}
