using System.Reflection;

namespace Orleans.Serialization;

/// <summary>A member with its type.</summary>
internal sealed class Member<TOwner, TValue> : Member<TOwner>
{
    private readonly Get _get;
    private readonly Set _set;
    private readonly bool _immutable;
    private Codec<TValue>? _codec;

    public Member(MemberAccess access)
        : base(access.Id)
    {
        _get = (Get)access.Getter(typeof(TOwner), typeof(Get));
        _set = (Set)access.Setter(typeof(TOwner), typeof(Set));
        _immutable = (access.Property?.IsDefined(typeof(ImmutableAttribute)) ?? false)
            || (access.Field?.IsDefined(typeof(ImmutableAttribute)) ?? false);
    }

    private delegate TValue Get(ref TOwner owner);

    private delegate void Set(ref TOwner owner, TValue value);

    public override bool IsImmutable => _immutable || Codec.IsImmutable;

    // Late, because a type may have members of its own type.
    private Codec<TValue> Codec => _codec ??= CodecTable.Get<TValue>();

    public override void Write(ByteWriter writer, ref TOwner owner) => Codec.Write(writer, _get(ref owner));

    public override void Read(ByteReader reader, ref TOwner owner) => _set(ref owner, Codec.Read(reader));

    public override void Copy(ref TOwner source, ref TOwner target, CopyContext context)
    {
        var value = _get(ref source);
        _set(ref target, _immutable ? value : Codec.Copy(value, context));
    }
}
