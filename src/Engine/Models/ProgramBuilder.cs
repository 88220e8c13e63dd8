using XLLM.Engine.Interop;
using XLLM.Engine.Interop.Raw;

namespace XLLM.Engine.Models;

/// <summary>
/// Records a model as a straight line of ops over float32 buffers (xllm.h, "programs"). A family calls it once; shapes are
/// checked by the native library when the program is created.
/// </summary>
internal sealed unsafe class ProgramBuilder
{
    private const int LinearAdd = 1;

    private readonly List<NativeBuffer> _buffers = [];
    private readonly List<NativeOp> _ops = [];
    private readonly List<RopeTable> _ropes = [];
    private readonly List<WeightRequest> _weights = [];
    private HiddenStates? _hidden;

    /// <summary>A buffer with a row for every token of the step.</summary>
    public BufferRef Tokens(int width) => Buffer(0, width);

    /// <summary>A buffer with a row for every wanted output of the step.</summary>
    public BufferRef Outputs(int width) => Buffer(1, width);

    public WeightRef Weight(string name, WeightUsage usage, int rows, int columns)
    {
        _weights.Add(new WeightRequest(name, usage, rows, columns));
        return new WeightRef(_weights.Count - 1);
    }

    public WeightRef Vector(string name, int size) => Weight(name, WeightUsage.Vector, 1, size);

    /// <summary>Adds a rotary table; returns its index for <see cref="Rotate"/>.</summary>
    public int Rope(RopeTable table)
    {
        _ropes.Add(table);
        return _ropes.Count - 1;
    }

    /// <summary>output = table[token] * scale.</summary>
    public void Embed(BufferRef output, WeightRef table, float scale = 1)
    {
        NativeOp op = Op(OpCode.Embed, output, weight: table);
        op.F[0] = scale;
        _ops.Add(op);
    }

    /// <summary>Over groups of <paramref name="group"/> values; 0 = the whole row. In place allowed.</summary>
    public void RmsNorm(BufferRef output, BufferRef input, WeightRef weight, float epsilon, int group = 0)
    {
        NativeOp op = Op(OpCode.RmsNorm, output, input, weight: weight);
        op.I[0] = group;
        op.F[0] = epsilon;
        _ops.Add(op);
    }

    /// <summary>output = input x weight^T + bias; with <paramref name="add"/>, output += that.</summary>
    public void Linear(BufferRef output, BufferRef input, WeightRef weight, WeightRef? bias = null, bool add = false)
    {
        NativeOp op = Op(OpCode.Linear, output, input, weight: weight);
        op.Weight[1] = bias?.Index ?? -1;
        op.Flags = add ? LinearAdd : 0;
        _ops.Add(op);
    }

    /// <summary>Rotates all dimensions of every head, in place.</summary>
    public void Rotate(BufferRef buffer, int heads, int headDim, int rope, bool interleaved)
    {
        NativeOp op = Op(OpCode.Rope, buffer);
        op.I[0] = heads;
        op.I[1] = headDim;
        op.I[2] = headDim;
        op.I[3] = interleaved ? 1 : 0;
        op.I[4] = rope;
        _ops.Add(op);
    }

    /// <summary>Appends k and v to the layer's KV, then attends causally.</summary>
    public void Attention(BufferRef output, BufferRef q, BufferRef k, BufferRef v, AttentionShape shape)
    {
        NativeOp op = Op(OpCode.Attention, output, q, k, v);
        op.I[0] = shape.Layer;
        op.I[1] = shape.Heads;
        op.I[2] = shape.KvHeads;
        op.I[3] = shape.HeadDim;
        op.I[4] = shape.Window;
        op.F[0] = shape.Scale;
        op.F[1] = shape.SoftCap;
        _ops.Add(op);
    }

    /// <summary>output = silu(gate) * up.</summary>
    public void SwiGlu(BufferRef output, BufferRef gate, BufferRef up) => _ops.Add(Op(OpCode.SwiGlu, output, gate, up));

    /// <summary>output = the wanted rows of input.</summary>
    public void Gather(BufferRef output, BufferRef input) => _ops.Add(Op(OpCode.Gather, output, input));

    /// <summary>Steps may ask for the rows of <paramref name="buffer"/> as the last op leaves them, through an RMS norm.</summary>
    public void Hidden(BufferRef buffer, WeightRef norm, float epsilon) =>
        _hidden = new HiddenStates(buffer.Index, norm.Index, epsilon, buffer.Width);

    public ModelProgram Build(BufferRef logits) => new([.. _buffers], [.. _ops], [.. _ropes], _weights, logits.Index, _hidden);

    private static NativeOp Op(
        OpCode code,
        BufferRef output,
        BufferRef? in0 = null,
        BufferRef? in1 = null,
        BufferRef? in2 = null,
        WeightRef? weight = null)
    {
        var op = new NativeOp { Code = (int)code };
        for (int i = 0; i < 4; i++)
        {
            op.In[i] = -1;
            op.Weight[i] = -1;
        }

        op.In[0] = in0?.Index ?? -1;
        op.In[1] = in1?.Index ?? -1;
        op.In[2] = in2?.Index ?? -1;
        op.Out[0] = output.Index;
        op.Out[1] = -1;
        op.Weight[0] = weight?.Index ?? -1;
        return op;
    }

    private BufferRef Buffer(int rows, int width)
    {
        _buffers.Add(new NativeBuffer { Rows = rows, Width = width });
        return new BufferRef(_buffers.Count - 1, width);
    }
}
