using System.Text;
using XLLM.Grammar.Formulas;
using XLLM.Grammar.Numbers;

namespace XLLM.Grammar.Machine;

/// <summary>
/// Writes a text to its end in few bytes: what is open is finished by its shortest word, required keys get their shortest values,
/// everything else is closed as soon as it may be. Every byte goes through the machine, so what comes out is valid; it is short,
/// not always the shortest.
/// </summary>
internal sealed class Completion(JsonMachine machine, int maxBytes)
{
    private readonly List<byte> _text = [];
    private readonly HashSet<int> _open = [];
    private int _depth;

    /// <summary>Bytes from the cursor to an accepted end, or null when none was found within the limits.</summary>
    public byte[]? Complete(Cursor cursor)
    {
        while (!machine.Accepts(cursor))
        {
            if (_text.Count > maxBytes || !Forward(ref cursor))
            {
                return null;
            }
        }

        return [.. _text];
    }

    private bool Forward(ref Cursor cursor)
    {
        switch (cursor.Mode)
        {
            case Mode.Value:
                return Value(ref cursor);
            case Mode.Text:
                TextPlan plan = cursor.Goal!.Text;
                return EndCharacter(ref cursor) && (cursor.Mode != Mode.Text || Word(
                    ref cursor,
                    ShortWord.Find(plan.Machine, cursor.Node, cursor.State, cursor.Count, plan.Accepts, plan.Live)));
            case Mode.Number:
                return Number(ref cursor);
            case Mode.Literal:
                ReadOnlySpan<byte> literal = (ValueKind)cursor.State switch
                {
                    ValueKind.Null => "null"u8,
                    ValueKind.False => "false"u8,
                    _ => "true"u8,
                };
                return Write(ref cursor, literal[cursor.Node..]);
            case Mode.Key:
                return Key(ref cursor);
            case Mode.KeyStart:
                return NextKey(ref cursor, "\""u8);
            case Mode.AfterKey:
                return Write(ref cursor, ":"u8);
            case Mode.ObjectOpen:
                return Write(ref cursor, "}"u8) || NextKey(ref cursor, "\""u8);
            case Mode.AfterMember:
                return Write(ref cursor, "}"u8) || NextKey(ref cursor, ",\""u8);
            case Mode.ArrayOpen:
                if (Write(ref cursor, "]"u8))
                {
                    return true;
                }

                return ((ArrayFrame)cursor.Top!).Next is { } next && Shortest(next.Goal) is { } item && Write(ref cursor, item);
            case Mode.AfterItem:
                return Write(ref cursor, "]"u8) || Write(ref cursor, ","u8);
            default:
                return false;
        }
    }

    private bool Write(ref Cursor cursor, ReadOnlySpan<byte> bytes)
    {
        Cursor next = cursor;
        foreach (byte b in bytes)
        {
            if (!machine.Step(ref next, b))
            {
                return false;
            }
        }

        _text.AddRange(bytes);
        cursor = next;
        return true;
    }

    /// <summary>Ends a character or escape that is cut.</summary>
    private bool EndCharacter(ref Cursor cursor)
    {
        Mode mode = cursor.Mode;
        while (cursor.Mode == mode && cursor.Char != 0)
        {
            bool found = false;
            foreach (byte b in "0123456789abcdefnrtu\"\\/"u8.ToArray().Concat(Enumerable.Range(0x80, 64).Select(i => (byte)i)))
            {
                if (Write(ref cursor, [b]))
                {
                    found = true;
                    break;
                }
            }

            if (!found)
            {
                return false;
            }
        }

        return true;
    }

    private bool Word(ref Cursor cursor, List<int>? word) =>
        word is not null && Write(ref cursor, ShortWord.Spell(word)) && Write(ref cursor, "\""u8);

    private bool Key(ref Cursor cursor)
    {
        var frame = (ObjectFrame)cursor.Top!;
        if (!EndCharacter(ref cursor) || cursor.Mode != Mode.Key)
        {
            return cursor.Mode != Mode.Key;
        }

        Gate gate = frame.Gate;
        TextMachine keys = frame.Plan.Keys;
        List<int>? word = ShortWord.Find(
            keys, cursor.Node, cursor.State, 0,
            (node, state, _) => keys.Admits(node, state, gate), (node, state, _) => keys.Live(node, state, gate));
        if (word is null)
        {
            return false;
        }

        // The shortest further key may be taken already: longer ones follow.
        for (int tries = 0; tries < 100; tries++)
        {
            if (Word(ref cursor, word))
            {
                return true;
            }

            word.Add('a' + (tries % 26));
        }

        return false;
    }

    /// <summary>A key that brings the object nearer to its end: a required one, else the one with the shortest value.</summary>
    private bool NextKey(ref Cursor cursor, ReadOnlySpan<byte> lead)
    {
        var frame = (ObjectFrame)cursor.Top!;
        ObjectPlan plan = frame.Plan;
        ObjectState state = ObjectPlan.StateOf(frame);
        Gate gate = frame.Gate;
        int best = -1;
        int least = int.MaxValue;
        string[] names = plan.Keys.Trie.Names;
        for (int i = 0; i < names.Length; i++)
        {
            if (!Bits.Has(gate.Names, i) || plan.ChildFor(state, i) is not { } child || Shortest(child.Goal) is not { } value)
            {
                continue;
            }

            int cost = value.Length + names[i].Length + (plan.Helps(state, i) ? 0 : 100_000);
            if (cost < least)
            {
                (best, least) = (i, cost);
            }
        }

        if (best < 0)
        {
            return Write(ref cursor, lead);
        }

        return Write(ref cursor, lead) && Write(ref cursor, ShortWord.Spell(Text.CodePoints.Of(names[best]))) && Write(ref cursor, "\":"u8);
    }

    private bool Value(ref Cursor cursor) => Shortest(cursor.Goal!) is { } value && Write(ref cursor, value);

    private bool Number(ref Cursor cursor)
    {
        // A complete number at the root is accepted; inside a container what follows ends it.
        Cursor ended = cursor;
        if (cursor.Top is not null && (machine.Step(ref ended, cursor.Top is ObjectFrame ? (byte)'}' : (byte)']')
            || Stepped(cursor, (byte)',')))
        {
            ReadOnlySpan<byte> close = cursor.Top is ObjectFrame ? "}"u8 : "]"u8;
            return Write(ref cursor, close) || Write(ref cursor, ","u8);
        }

        // A number of which nothing is wanted takes a 0 wherever it needs a digit.
        return cursor.Number is null
            ? Write(ref cursor, "0"u8)
            : ShortNumber(cursor.Goal!.Number, cursor.Number) is { Length: > 0 } rest && Write(ref cursor, rest);
    }

    private bool Stepped(Cursor cursor, byte b) => machine.Step(ref cursor, b);

    /// <summary>A short value of a goal; null when none was found, or the goal is being worked out already.</summary>
    private byte[]? Shortest(Goal goal)
    {
        if (machine.ShortValues.TryGetValue(goal.Id, out byte[]? known))
        {
            return known;
        }

        if (_depth > 60 || !_open.Add(goal.Id))
        {
            return null;
        }

        _depth++;
        byte[]? best = null;
        foreach (ValueKind kind in (ValueKind[])[ValueKind.Number, ValueKind.String, ValueKind.Null, ValueKind.True, ValueKind.False,
            ValueKind.Array, ValueKind.Object])
        {
            if ((best is null || kind < ValueKind.Array) && goal.Can(kind) && OfKind(goal, kind) is { } value
                && (best is null || value.Length < best.Length))
            {
                best = value;
            }
        }

        _depth--;
        _open.Remove(goal.Id);
        if (best is not null)
        {
            machine.ShortValues[goal.Id] = best;
        }

        return best;
    }

    private byte[]? OfKind(Goal goal, ValueKind kind)
    {
        switch (kind)
        {
            case ValueKind.Null:
                return [.. "null"u8];
            case ValueKind.True:
                return [.. "true"u8];
            case ValueKind.False:
                return [.. "false"u8];
            case ValueKind.Number:
                return ShortNumber(goal.Number, NumberText.Empty);
            case ValueKind.String:
                TextPlan plan = goal.Text;
                return ShortWord.Find(plan.Machine, 0, 0, 0, plan.Accepts, plan.Live) is { } word
                    ? [(byte)'"', .. ShortWord.Spell(word), (byte)'"']
                    : null;
            default:
                Cursor cursor = new() { Goal = goal, Mode = Mode.Value };
                int from = _text.Count;
                byte[]? text = null;
                if (Write(ref cursor, kind == ValueKind.Array ? "["u8 : "{"u8))
                {
                    bool going = true;
                    while (going && !machine.Accepts(cursor) && _text.Count - from <= maxBytes)
                    {
                        going = Forward(ref cursor);
                    }

                    text = machine.Accepts(cursor) ? [.. _text.Skip(from)] : null;
                }

                _text.RemoveRange(from, _text.Count - from);
                return text;
        }
    }

    private static byte[]? ShortNumber(NumberPlan plan, NumberText from)
    {
        var queue = new Queue<(NumberText Text, string Spelled)>();
        queue.Enqueue((from, ""));
        for (int tries = 0; tries < 4_000 && queue.TryDequeue(out (NumberText Text, string Spelled) at); tries++)
        {
            if (plan.Accepts(at.Text))
            {
                return Encoding.ASCII.GetBytes(at.Spelled);
            }

            foreach (char c in "0123456789-.e")
            {
                if (at.Text.Append((byte)c) is { } next && plan.CanComplete(next))
                {
                    queue.Enqueue((next, at.Spelled + c));
                }
            }
        }

        return null;
    }
}
