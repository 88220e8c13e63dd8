namespace Orleans.Serialization;

/// <summary>All serialised members of a type, level by level.</summary>
internal sealed class MemberTable<T>
{
    private readonly Member<T>[][] _levels;
    private bool? _immutable;

    public MemberTable(List<List<MemberAccess>> levels)
    {
        _levels = [.. levels.Select(level => level.Select(Create).ToArray())];
    }

    /// <summary>All members are immutable. A type that contains itself counts as immutable while that is found out.</summary>
    public bool AreImmutable
    {
        get
        {
            if (_immutable is { } known)
            {
                return known;
            }

            lock (CodecTable.Gate)
            {
                if (_immutable is null)
                {
                    _immutable = true;
                    _immutable = Array.TrueForAll(_levels, level => Array.TrueForAll(level, m => m.IsImmutable));
                }

                return _immutable.Value;
            }
        }
    }

    public void Write(ByteWriter writer, ref T owner)
    {
        for (var i = 0; i < _levels.Length; i++)
        {
            if (i > 0)
            {
                writer.Unsigned(1);
            }

            var previous = -1L;
            foreach (var member in _levels[i])
            {
                writer.Unsigned((ulong)(member.Id - previous + 1));
                previous = member.Id;
                member.Write(writer, ref owner);
            }
        }

        writer.Unsigned(0);
    }

    public void Read(ByteReader reader, ref T owner)
    {
        var level = 0;
        var cursor = 0;
        var id = -1L;
        for (var field = reader.Unsigned(); field != 0; field = reader.Unsigned())
        {
            if (field == 1)
            {
                level++;
                cursor = 0;
                id = -1;
                continue;
            }

            id += field > uint.MaxValue ? throw ByteReader.Broken($"no member has id {field}") : (long)field - 1;
            var members = level < _levels.Length ? _levels[level] : [];
            while (cursor < members.Length && members[cursor].Id < id)
            {
                cursor++;
            }

            if (cursor < members.Length && members[cursor].Id == id)
            {
                members[cursor].Read(reader, ref owner);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    public void Copy(ref T source, ref T target, CopyContext context)
    {
        foreach (var level in _levels)
        {
            foreach (var member in level)
            {
                member.Copy(ref source, ref target, context);
            }
        }
    }

    private static Member<T> Create(MemberAccess access) =>
        (Member<T>)Activator.CreateInstance(typeof(Member<,>).MakeGenericType(typeof(T), access.Type), access)!;
}
