using System.Buffers;

namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>One run of a pattern over one text: position, registers and the stack of alternatives not yet tried.</summary>
internal ref struct PatternRun
{
    private readonly Instruction[] _program;
    private readonly ReadOnlySpan<char> _text;
    private readonly int[] _registers;
    private Frame[] _stack;
    private int _depth;
    private long _steps;

    public PatternRun(Instruction[] program, int registers, ReadOnlySpan<char> text, long steps)
    {
        _program = program;
        _text = text;
        _registers = registers == 0 ? [] : new int[registers];
        _stack = ArrayPool<Frame>.Shared.Rent(64);
        _steps = steps;
    }

    private enum FrameKind
    {
        Alternative,
        Loop,
        Register,
    }

    public readonly bool OutOfSteps => _steps < 0;

    public void Dispose() => ArrayPool<Frame>.Shared.Return(_stack);

    /// <summary>End of the match that begins at <paramref name="start"/>, or -1.</summary>
    public int Match(int start) => Run(0, start);

    private int Run(int pc, int at)
    {
        int bottom = _depth;
        while (true)
        {
            if (--_steps < 0)
            {
                _depth = bottom;
                return -1;
            }

            Instruction i = _program[pc];
            bool ok = true;
            switch (i.Code)
            {
                case Opcode.Set:
                    ok = at < _text.Length && i.Set!.Contains(CodePoints.Read(_text, at, out int width))
                        && Advance(ref at, width);
                    pc++;
                    break;
                case Opcode.Try:
                    if (i.Set is not null && (at >= _text.Length || !i.Set.Contains(CodePoints.Read(_text, at, out _))))
                    {
                        pc = i.Target;
                        break;
                    }

                    Push(new Frame(FrameKind.Alternative, i.Target, at, 0));
                    pc++;
                    break;
                case Opcode.Jump:
                    pc = i.Target;
                    break;
                case Opcode.SetLoop or Opcode.PossessiveSetLoop:
                    ok = Loop(i, pc, ref at);
                    pc++;
                    break;
                case Opcode.Mark:
                    Push(new Frame(FrameKind.Register, i.Target, _registers[i.Target], 0));
                    _registers[i.Target] = at;
                    pc++;
                    break;
                case Opcode.Moved:
                    ok = at != _registers[i.Target];
                    pc++;
                    break;
                case Opcode.Anchor:
                    ok = PatternAnchors.Holds((AnchorKind)i.Min, _text, at);
                    pc++;
                    break;
                case Opcode.Match:
                    _depth = bottom;
                    return at;
                default:
                    ok = RunAlone(i, pc, ref at);
                    pc = i.Target;
                    break;
            }

            if (!ok && !Backtrack(bottom, ref pc, ref at))
            {
                return -1;
            }
        }
    }

    private static bool Advance(ref int at, int width)
    {
        at += width;
        return true;
    }

    private bool Loop(in Instruction i, int pc, ref int at)
    {
        int count = 0;
        int least = at;
        while (count < i.Max && at < _text.Length && i.Set!.Contains(CodePoints.Read(_text, at, out int width)))
        {
            at += width;
            if (++count == i.Min)
            {
                least = at;
            }
        }

        _steps -= count >> 2;
        if (count < i.Min)
        {
            return false;
        }

        if (i.Code == Opcode.SetLoop && at > least)
        {
            Push(new Frame(FrameKind.Loop, pc + 1, at, least));
        }

        return true;
    }

    private bool RunAlone(in Instruction i, int pc, ref int at)
    {
        int start = at;
        if (i.Code is Opcode.LookBehind or Opcode.NegativeLookBehind)
        {
            for (int n = 0; n < i.Min; n++)
            {
                if (start == 0)
                {
                    return i.Code == Opcode.NegativeLookBehind;
                }

                start -= CodePoints.WidthBefore(_text, start);
            }
        }

        int end = Run(pc + 1, start);
        if (OutOfSteps)
        {
            return false;
        }

        switch (i.Code)
        {
            case Opcode.LookAhead:
                return end >= 0;
            case Opcode.NegativeLookAhead:
                return end < 0;
            case Opcode.LookBehind:
                return end == at;
            case Opcode.NegativeLookBehind:
                return end != at;
            default:
                at = end;
                return end >= 0;
        }
    }

    private void Push(Frame frame)
    {
        if (_depth == _stack.Length)
        {
            Frame[] larger = ArrayPool<Frame>.Shared.Rent(_stack.Length * 2);
            _stack.AsSpan(0, _depth).CopyTo(larger);
            ArrayPool<Frame>.Shared.Return(_stack);
            _stack = larger;
        }

        _stack[_depth++] = frame;
    }

    private bool Backtrack(int bottom, ref int pc, ref int at)
    {
        while (_depth > bottom)
        {
            ref Frame frame = ref _stack[_depth - 1];
            switch (frame.Kind)
            {
                case FrameKind.Register:
                    _registers[frame.Target] = frame.At;
                    _depth--;
                    break;
                case FrameKind.Alternative:
                    (pc, at) = (frame.Target, frame.At);
                    _depth--;
                    return true;
                default:
                    at = frame.At - CodePoints.WidthBefore(_text, frame.At);
                    pc = frame.Target;
                    if (at <= frame.Least)
                    {
                        _depth--;
                    }
                    else
                    {
                        frame = frame with { At = at };
                    }

                    return true;
            }
        }

        return false;
    }

    private readonly record struct Frame(FrameKind Kind, int Target, int At, int Least);
}
