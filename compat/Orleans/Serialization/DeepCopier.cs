namespace Orleans.Serialization;

/// <summary>Copies values so that the copy shares nothing that can change. Any thread.</summary>
public sealed class DeepCopier
{
    internal DeepCopier()
    {
    }

    public T Copy<T>(T value) => CodecTable.Get<T>().Copy(value, new CopyContext());
}
