using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>Messages as frames of bytes.</summary>
internal static class MessageCodec
{
    private const byte AddressedBit = 0x80;

    /// <summary>Throws when a value does not travel, or the frame is larger than <paramref name="maxBytes"/>.</summary>
    public static byte[] Write(Message message, int maxBytes)
    {
        var writer = Serializer.Take();
        writer.Byte(WireLimits.Version);
        writer.Byte((byte)((byte)message.Kind | (message.IsAddressed ? AddressedBit : 0)));
        writer.Unsigned((ulong)message.Id);
        CodecTable.Get<SiloAddress>().Write(writer, message.SendingSilo);
        CodecTable.Get<SiloAddress>().Write(writer, message.TargetSilo!);
        CodecTable.Get<GrainId>().Write(writer, message.SendingGrain);
        CodecTable.Get<GrainId>().Write(writer, message.TargetGrain);
        writer.Unsigned((ulong)message.ForwardCount);
        writer.Signed(message.Expiry == long.MaxValue ? -1 : Math.Max(0, message.Expiry - Environment.TickCount64));
        CodecTable.Get<Dictionary<string, object>>().Write(writer, message.Context!);
        if (message.Kind == MessageKind.Response)
        {
            WriteResponse(writer, message);
        }
        else if (message.Method is { } method)
        {
            writer.Text(method.Owner.Name.ToString());
            writer.Text(method.Id);
            for (var i = 0; i < method.ParameterTypes.Length; i++)
            {
                if (i != method.TokenIndex)
                {
                    CodecTable.Get(method.ParameterTypes[i]).WriteBoxed(writer, message.Arguments[i]);
                }
            }
        }

        var frame = Serializer.Return(writer);
        return frame.Length <= maxBytes
            ? frame
            : throw new SerializerException($"The message has {frame.Length} bytes, more than MaxMessageBodySize = {maxBytes}.");
    }

    /// <summary>
    /// Reads a frame. An unreadable body of a request gives a message and the error to answer with; one of an answer becomes the
    /// answer's error. Throws when not even the header can be read.
    /// </summary>
    public static (Message Message, Exception? BodyError) Read(
        ReadOnlyMemory<byte> frame, INodeRuntime node, Func<long, Type?> resultTypeOf)
    {
        var reader = new ByteReader(frame, node);
        if (reader.Byte() is var version && version != WireLimits.Version)
        {
            throw ByteReader.Broken($"version {version} of the format is not known, only {WireLimits.Version}");
        }

        var first = reader.Byte();
        var kind = (MessageKind)(first & ~AddressedBit);
        if (kind > MessageKind.Moved)
        {
            throw ByteReader.Broken($"there is no message kind {(int)kind}");
        }

        var id = (long)reader.Unsigned();
        var sendingSilo = CodecTable.Get<SiloAddress>().Read(reader) ?? throw ByteReader.Broken("the sender is missing");
        var targetSilo = CodecTable.Get<SiloAddress>().Read(reader);
        var sendingGrain = CodecTable.Get<GrainId>().Read(reader);
        var targetGrain = CodecTable.Get<GrainId>().Read(reader);
        var forwards = (int)Math.Min(int.MaxValue, reader.Unsigned());
        var expiresIn = reader.Signed();
        var header =
            new Header(kind, (first & AddressedBit) != 0, id, sendingSilo, targetSilo, sendingGrain, targetGrain, forwards,
            expiresIn < 0 ? long.MaxValue : Environment.TickCount64 + Math.Min(expiresIn, int.MaxValue));
        try
        {
            return (header.WithBody(reader, resultTypeOf), null);
        }
        catch (Exception e)
        {
            return (header.WithError(e), e);
        }
    }

    private static void WriteResponse(ByteWriter writer, Message message)
    {
        var type = message.ResultType;
        writer.Byte((byte)(message.Error is not null ? 2 : type is not null ? 1 : 0));
        if (message.Error is not null)
        {
            CodecTable.Get<Exception>().Write(writer, message.Error);
        }
        else if (type is not null)
        {
            CodecTable.Get(type).WriteBoxed(writer, message.Result);
        }
    }

    private sealed record Header(
        MessageKind Kind,
        bool IsAddressed,
        long Id,
        SiloAddress SendingSilo,
        SiloAddress? TargetSilo,
        GrainId SendingGrain,
        GrainId TargetGrain,
        int Forwards,
        long Expiry)
    {
        public Message WithBody(ByteReader reader, Func<long, Type?> resultTypeOf)
        {
            var context = CodecTable.Get<Dictionary<string, object>>().Read(reader);
            if (Kind == MessageKind.Response)
            {
                return Response(reader, resultTypeOf);
            }

            if (Kind is MessageKind.Cancel or MessageKind.Moved)
            {
                return Create(null, [], context, null);
            }

            var name = reader.Text();
            var id = reader.Text();
            var method = InterfaceTable.Find(name)?.Find(id)
                ?? throw new SerializerException($"Method '{id}' of interface '{name}' is not known here.");
            var arguments = new object?[method.ParameterTypes.Length];
            for (var i = 0; i < arguments.Length; i++)
            {
                arguments[i] = i == method.TokenIndex
                    ? CancellationToken.None
                    : CodecTable.Get(method.ParameterTypes[i]).ReadBoxed(reader);
            }

            return Create(method, arguments, context, null);
        }

        public Message WithError(Exception error) => Create(null, [], null, error);

        private Message Response(ByteReader reader, Func<long, Type?> resultTypeOf)
        {
            switch (reader.Byte())
            {
                case 2:
                    return Create(null, [], null, CodecTable.Get<Exception>().Read(reader));
                case 1 when resultTypeOf(Id) is { } type:
                    return Create(null, [], null, null, CodecTable.Get(type).ReadBoxed(reader));
                default:
                    return Create(null, [], null, null);
            }
        }

        private Message Create(
            MethodDescriptor? method,
            object?[] arguments,
            Dictionary<string, object>? context,
            Exception? error,
            object? result = null) => new()
            {
                Id = Id,
                Kind = Kind,
                IsAddressed = IsAddressed,
                SendingSilo = SendingSilo,
                TargetSilo = TargetSilo,
                SendingGrain = SendingGrain,
                TargetGrain = TargetGrain,
                ForwardCount = Forwards,
                Expiry = Expiry,
                Method = method,
                Arguments = arguments,
                Context = context,
                Error = error,
                Result = result,
            };
    }
}
