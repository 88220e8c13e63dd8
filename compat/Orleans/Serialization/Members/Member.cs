namespace Orleans.Serialization;

/// <summary>A serialised member of <typeparamref name="TOwner"/>.</summary>
internal abstract class Member<TOwner>(uint id)
{
    public uint Id => id;

    public abstract bool IsImmutable { get; }

    public abstract void Write(ByteWriter writer, ref TOwner owner);

    public abstract void Read(ByteReader reader, ref TOwner owner);

    public abstract void Copy(ref TOwner source, ref TOwner target, CopyContext context);
}
