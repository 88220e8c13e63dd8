namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>
/// Turns a pattern's tree into instructions. Repetitions with counts are unrolled, so the size is bounded here.
/// </summary>
internal sealed class PatternCompiler
{
    private const int MaxInstructions = 20_000;

    private readonly List<Instruction> _program = [];
    private int _registers;

    /// <exception cref="TokenizerFormatException">The pattern grows too large or looks behind over a varying width.</exception>
    public static (Instruction[] Program, int Registers) Compile(PatternNode root)
    {
        var compiler = new PatternCompiler();
        compiler.Emit(root);
        compiler.Add(new Instruction(Opcode.Match));
        return ([.. compiler._program], compiler._registers);
    }

    private int Add(Instruction instruction)
    {
        if (_program.Count >= MaxInstructions)
        {
            throw new TokenizerFormatException($"A splitting pattern needs more than {MaxInstructions} instructions.");
        }

        _program.Add(instruction);
        return _program.Count - 1;
    }

    private void Aim(int at) => _program[at] = _program[at] with { Target = _program.Count };

    private void Emit(PatternNode node)
    {
        switch (node)
        {
            case SetNode n:
                Add(new Instruction(Opcode.Set, n.Set));
                break;
            case SequenceNode n:
                foreach (PatternNode item in n.Items)
                {
                    Emit(item);
                }

                break;
            case AlternationNode n:
                EmitAlternation(n);
                break;
            case LoopNode n:
                EmitLoop(n);
                break;
            case AtomicNode n:
                EmitAlone(Opcode.Atomic, n.Body, 0);
                break;
            case LookNode { Behind: false } n:
                EmitAlone(n.Negative ? Opcode.NegativeLookAhead : Opcode.LookAhead, n.Body, 0);
                break;
            case LookNode n:
                EmitAlone(n.Negative ? Opcode.NegativeLookBehind : Opcode.LookBehind, n.Body, PatternFacts.FixedWidth(n.Body));
                break;
            case AnchorNode n:
                Add(new Instruction(Opcode.Anchor, Min: (int)n.Kind));
                break;
            default:
                throw new InvalidOperationException($"Pattern node {node.GetType().Name} has no code.");
        }
    }

    private void EmitAlone(Opcode code, PatternNode body, int width)
    {
        int at = Add(new Instruction(code, Min: width));
        Emit(body);
        Add(new Instruction(Opcode.Match));
        Aim(at);
    }

    private void EmitAlternation(AlternationNode node)
    {
        var jumps = new List<int>();
        for (int i = 0; i < node.Options.Count; i++)
        {
            bool last = i == node.Options.Count - 1;
            int attempt = last ? -1 : Add(new Instruction(Opcode.Try, PatternFacts.First(node.Options[i])));
            Emit(node.Options[i]);
            if (!last)
            {
                jumps.Add(Add(new Instruction(Opcode.Jump)));
                Aim(attempt);
            }
        }

        jumps.ForEach(Aim);
    }

    private void EmitLoop(LoopNode node)
    {
        PatternNode body = node.Body;
        while (body is SequenceNode { Items: [var only] })
        {
            body = only;
        }

        if (body is SetNode set && node.Kind != Repetition.Lazy)
        {
            Opcode code = node.Kind == Repetition.Greedy ? Opcode.SetLoop : Opcode.PossessiveSetLoop;
            Add(new Instruction(code, set.Set, Min: node.Min, Max: node.Max));
            return;
        }

        if (node.Kind == Repetition.Possessive)
        {
            EmitAlone(Opcode.Atomic, node with { Kind = Repetition.Greedy }, 0);
            return;
        }

        for (int i = 0; i < node.Min; i++)
        {
            Emit(body);
        }

        if (node.Max == int.MaxValue)
        {
            EmitEndless(body, node.Kind == Repetition.Lazy);
            return;
        }

        var exits = new List<int>();
        for (int i = node.Min; i < node.Max; i++)
        {
            exits.Add(EmitChoice(body, node.Kind == Repetition.Lazy));
            Emit(body);
        }

        exits.ForEach(Aim);
    }

    private void EmitEndless(PatternNode body, bool lazy)
    {
        int register = _registers++;
        int start = _program.Count;
        int exit = EmitChoice(body, lazy);
        Add(new Instruction(Opcode.Mark, Target: register));
        Emit(body);
        Add(new Instruction(Opcode.Moved, Target: register));
        Add(new Instruction(Opcode.Jump, Target: start));
        Aim(exit);
    }

    /// <summary>
    /// Emits the choice between the body that follows and leaving; returns the instruction whose target is the exit.
    /// </summary>
    private int EmitChoice(PatternNode body, bool lazy)
    {
        if (!lazy)
        {
            return Add(new Instruction(Opcode.Try, PatternFacts.First(body)));
        }

        int attempt = Add(new Instruction(Opcode.Try));
        int exit = Add(new Instruction(Opcode.Jump));
        Aim(attempt);
        return exit;
    }
}
