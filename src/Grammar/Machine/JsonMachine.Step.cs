using XLLM.Grammar.Formulas;
using XLLM.Grammar.Numbers;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>One byte further. A byte is refused when no completion of the text with it would be wanted.</summary>
internal sealed partial class JsonMachine
{
    private readonly int _maxBlanks;

    /// <summary>Whether the text may end here.</summary>
    public override bool Accepts(in Cursor cursor) => cursor.Mode == Mode.Done
        || (cursor.Mode == Mode.Number && cursor.Top is null && NumberEnds(cursor));

    public override bool GoesOn(in Cursor cursor) => cursor.Mode != Mode.Done;

    public override bool Step(ref Cursor cursor, byte b)
    {
        switch (cursor.Mode)
        {
            case Mode.Text:
                return StepText(ref cursor, b);
            case Mode.Key:
                return StepKey(ref cursor, b);
            case Mode.Number:
                return StepNumber(ref cursor, b);
            case Mode.Literal:
                return StepLiteral(ref cursor, b);
            case Mode.Done:
                return false;
        }

        if (b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            return ++cursor.Count <= _maxBlanks;
        }

        cursor.Count = 0;
        switch (cursor.Mode)
        {
            case Mode.Value:
                return StartValue(ref cursor, b);
            case Mode.ObjectOpen:
                return b == '}' ? CloseObject(ref cursor) : b == '"' && StartKey(ref cursor);
            case Mode.KeyStart:
                return b == '"' && StartKey(ref cursor);
            case Mode.AfterKey:
                if (b != ':')
                {
                    return false;
                }

                cursor.Mode = Mode.Value;
                cursor.Goal = ((ObjectFrame)cursor.Top!).Child!.Goal;
                return true;
            case Mode.AfterMember:
                if (b == '}')
                {
                    return CloseObject(ref cursor);
                }

                cursor.Mode = Mode.KeyStart;
                return b == ',' && KeysLeft((ObjectFrame)cursor.Top!);
            case Mode.ArrayOpen:
                return b == ']' ? CloseArray(ref cursor) : NextItem(ref cursor) && StartValue(ref cursor, b);
            default:
                return b == ']' ? CloseArray(ref cursor) : b == ',' && NextItem(ref cursor);
        }
    }

    private bool NextItem(ref Cursor cursor)
    {
        if (((ArrayFrame)cursor.Top!).Next is not { } next)
        {
            return false;
        }

        cursor.Mode = Mode.Value;
        cursor.Goal = next.Goal;
        return true;
    }

    private bool StartValue(ref Cursor cursor, byte b)
    {
        Goal goal = cursor.Goal!;
        switch (b)
        {
            case (byte)'"':
                if (!goal.Can(ValueKind.String))
                {
                    return false;
                }

                cursor.Mode = Mode.Text;
                cursor.State = cursor.Node = cursor.Char = 0;
                cursor.Hash = goal.Hashed ? ValueHash.Empty(ValueKind.String) : 0;
                return true;
            case (byte)'{':
                if (!goal.Can(ValueKind.Object) || cursor.Top?.Depth >= Limits.MaxDepth)
                {
                    return false;
                }

                cursor.Top = goal.Object.Open(cursor.Top, goal);
                cursor.Mode = Mode.ObjectOpen;
                return true;
            case (byte)'[':
                if (!goal.Can(ValueKind.Array) || cursor.Top?.Depth >= Limits.MaxDepth)
                {
                    return false;
                }

                cursor.Top = goal.Array.Open(cursor.Top, goal);
                cursor.Mode = Mode.ArrayOpen;
                return true;
            case (byte)'n':
                return StartLiteral(ref cursor, ValueKind.Null);
            case (byte)'f':
                return StartLiteral(ref cursor, ValueKind.False);
            case (byte)'t':
                return StartLiteral(ref cursor, ValueKind.True);
            default:
                if ((b != '-' && b is < (byte)'0' or > (byte)'9') || !goal.Can(ValueKind.Number))
                {
                    return false;
                }

                cursor.Mode = Mode.Number;
                cursor.Phase = NumberPhase.Start;
                cursor.Number = goal.Number.IsFree && !goal.Hashed ? null : NumberText.Empty;
                return StepNumber(ref cursor, b);
        }
    }

    private static bool StartLiteral(ref Cursor cursor, ValueKind kind)
    {
        cursor.Mode = Mode.Literal;
        cursor.State = (int)kind;
        cursor.Node = 1;
        return cursor.Goal!.Can(kind);
    }

    private bool StepLiteral(ref Cursor cursor, byte b)
    {
        var kind = (ValueKind)cursor.State;
        ReadOnlySpan<byte> text = kind switch { ValueKind.Null => "null"u8, ValueKind.False => "false"u8, _ => "true"u8 };
        if (b != text[cursor.Node])
        {
            return false;
        }

        return ++cursor.Node < text.Length || CloseValue(ref cursor, cursor.Goal!.Verdicts(kind), ValueHash.Empty(kind));
    }

    private bool StepText(ref Cursor cursor, byte b)
    {
        TextPlan plan = cursor.Goal!.Text;
        switch (CharDecoder.Step(ref cursor.Char, b, true, out int codePoint))
        {
            case CharStep.Refused:
                return false;
            case CharStep.Closed:
                return plan.Accepts(cursor.Node, cursor.State, cursor.Count)
                    && CloseValue(ref cursor, plan.Verdicts(cursor.Node, cursor.State, cursor.Count), cursor.Hash);
            case CharStep.Pending:
                CharDecoder.Ranges(cursor.Char, out int first, out int last, out int first2, out int last2);
                return plan.LiveWithin(cursor.Node, cursor.State, cursor.Count, first, last)
                    || plan.LiveWithin(cursor.Node, cursor.State, cursor.Count, first2, last2);
        }

        cursor.State = plan.Machine.Automaton.Step(cursor.State, codePoint);
        cursor.Node = plan.Machine.Trie.Step(cursor.Node, codePoint);
        cursor.Count = plan.Clip(cursor.Count + 1);
        if (cursor.Goal.Hashed)
        {
            cursor.Hash = ValueHash.Mix(cursor.Hash, (ulong)codePoint);
        }

        return plan.Live(cursor.Node, cursor.State, cursor.Count);
    }

    private bool StepNumber(ref Cursor cursor, byte b)
    {
        NumberPhase next = NumberText.Next(cursor.Phase, b);
        if (next == NumberPhase.Start)
        {
            return NumberText.Complete(cursor.Phase) && NumberEnds(cursor) && EndNumber(ref cursor) && Step(ref cursor, b);
        }

        cursor.Phase = next;
        if (cursor.Number is null)
        {
            return true;
        }

        cursor.Number = cursor.Number.Append(b);
        return cursor.Number is not null && cursor.Goal!.Number.CanComplete(cursor.Number);
    }

    /// <summary>A number ends by what follows it, which there is only in a container.</summary>
    private bool EndNumber(ref Cursor cursor)
    {
        NumberText? text = cursor.Number;
        ulong verdicts = text is null ? FreeVerdicts(cursor.Goal!) : cursor.Goal!.Number.Verdicts(text);
        ulong hash = cursor.Goal!.Hashed ? ValueHash.Of(text!.Value) : 0;
        return cursor.Top is not null && CloseValue(ref cursor, verdicts, hash);
    }

    private static bool NumberEnds(in Cursor cursor) => cursor.Number is null
        ? NumberText.Complete(cursor.Phase)
        : cursor.Goal!.Number.Accepts(cursor.Number);

    private static ulong FreeVerdicts(Goal goal) => goal.Tracked.Length == 0 ? 0 : goal.Number.Verdicts(NumberText.Empty);

    private static bool KeysLeft(ObjectFrame frame) => frame.Plan.Keys.Live(0, 0, frame.Gate);

    private static bool StartKey(ref Cursor cursor)
    {
        var frame = (ObjectFrame)cursor.Top!;
        if (!KeysLeft(frame))
        {
            return false;
        }

        cursor.Mode = Mode.Key;
        cursor.State = cursor.Node = cursor.Char = 0;
        cursor.Hash = ValueHash.Empty(ValueKind.String);
        return true;
    }

    private bool StepKey(ref Cursor cursor, byte b)
    {
        var frame = (ObjectFrame)cursor.Top!;
        TextMachine keys = frame.Plan.Keys;
        switch (CharDecoder.Step(ref cursor.Char, b, true, out int codePoint))
        {
            case CharStep.Refused:
                return false;
            case CharStep.Closed:
                return CloseKey(ref cursor, frame);
            case CharStep.Pending:
                CharDecoder.Ranges(cursor.Char, out int first, out int last, out int first2, out int last2);
                return keys.LiveWithin(cursor.Node, cursor.State, frame.Gate, first, last)
                    || keys.LiveWithin(cursor.Node, cursor.State, frame.Gate, first2, last2);
        }

        cursor.State = keys.Automaton.Step(cursor.State, codePoint);
        cursor.Node = keys.Trie.Step(cursor.Node, codePoint);
        cursor.Hash = ValueHash.Mix(cursor.Hash, (ulong)codePoint);
        return keys.Live(cursor.Node, cursor.State, frame.Gate);
    }

    private static bool CloseKey(ref Cursor cursor, ObjectFrame frame)
    {
        ObjectPlan plan = frame.Plan;
        if (!plan.Keys.Admits(cursor.Node, cursor.State, frame.Gate))
        {
            return false;
        }

        int keyClass = plan.ClassOf(cursor.Node, cursor.State);
        bool name = plan.IsName(keyClass);
        if (!name && TakenKeys.Has(frame.Taken, cursor.Hash))
        {
            return false;
        }

        ObjectState state = ObjectPlan.StateOf(frame);
        ChildPlan child = plan.ChildFor(state, keyClass)!;
        ObjectState after = plan.After(state, keyClass);
        cursor.Top = new ObjectFrame(frame.Parent, frame.Goal, plan, frame.Hash)
        {
            Seen = after.Seen,
            Count = after.Count,
            Failed = after.Failed | child.Failed,
            Last = after.Last,
            Taken = name ? frame.Taken : new TakenKeys(cursor.Hash, plan.LabelOf(keyClass), frame.Taken),
            Child = frame.Goal.Hashed && !child.Goal.Hashed ? child with { Goal = plan.Hashed(child.Goal) } : child,
            KeyHash = cursor.Hash,
        };
        cursor.Mode = Mode.AfterKey;
        cursor.Count = 0;
        return true;
    }

    private bool CloseObject(ref Cursor cursor)
    {
        var frame = (ObjectFrame)cursor.Top!;
        ObjectState state = ObjectPlan.StateOf(frame);
        if (!frame.Plan.CanClose(state))
        {
            return false;
        }

        cursor.Top = frame.Parent;
        cursor.Goal = frame.Goal;
        return CloseValue(ref cursor, frame.Plan.Verdicts(state), ValueHash.Mix(ValueHash.Empty(ValueKind.Object), frame.Hash));
    }

    private bool CloseArray(ref Cursor cursor)
    {
        var frame = (ArrayFrame)cursor.Top!;
        if (!frame.Plan.CanClose(frame))
        {
            return false;
        }

        cursor.Top = frame.Parent;
        cursor.Goal = frame.Goal;
        return CloseValue(ref cursor, frame.Plan.Verdicts(frame), ValueHash.Mix(ValueHash.Empty(ValueKind.Array), frame.Hash));
    }

    /// <summary>A value is complete: its container takes note.</summary>
    private bool CloseValue(ref Cursor cursor, ulong verdicts, ulong hash)
    {
        cursor.Goal = null;
        cursor.Number = null;
        cursor.Count = cursor.State = cursor.Node = cursor.Char = 0;
        cursor.Phase = NumberPhase.Start;
        cursor.Hash = 0;
        switch (cursor.Top)
        {
            case null:
                cursor.Mode = Mode.Done;
                return true;
            case ObjectFrame around:
                cursor.Mode = Mode.AfterMember;
                ChildPlan child = around.Child!;
                ulong failed = around.Failed;
                for (int i = 0; i < child.Marks.Length; i++)
                {
                    failed |= (verdicts >> i & 1) == 0 ? child.Marks[i] : 0;
                }

                ObjectFrame next = new(
                    around.Parent, around.Goal, around.Plan,
                    around.Goal.Hashed ? ValueHash.Member(around.Hash, around.KeyHash, hash) : 0)
                {
                    Seen = around.Seen, Count = around.Count, Failed = failed, Last = around.Last, Taken = around.Taken,
                };
                cursor.Top = next;
                return around.Plan.IsPlain || around.Plan.CanFinish(ObjectPlan.StateOf(next));
            default:
                cursor.Mode = Mode.AfterItem;
                var array = (ArrayFrame)cursor.Top;
                ArrayFrame more = array.Plan.With(
                    array, array.Next!, verdicts, hash, array.Goal.Hashed ? ValueHash.Item(array.Hash, hash) : 0);
                cursor.Top = more;
                return (array.Plan.IsPlain && !array.Plan.IsUnique) || array.Plan.CanFinish(more);
        }
    }
}
