using XLLM.Testing;
using XLLM.Text.Tokenizers;
using XLLM.Text.Tokenizers.Gguf;

namespace XLLM.Text.Tests.Tokenizers;

public class BadTokenizerTests
{
    private const string Vocab = """ "vocab": {"a": 0, "b": 1, "ab": 2} """;

    [Theory]
    [InlineData("not json", "not valid JSON")]
    [InlineData("[]", "an object is needed")]
    [InlineData("{}", "tokenizer.json.model")]
    [InlineData("""{"model": {"type": "Magic"}}""", "\"Magic\" is not supported")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": "x"}, "merges": []}}""", "a 32-bit integer is needed")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 2000000000}, "merges": []}}""", "ids must be from 0")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}}""", "ids must be from 0")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 1, "b": 1}, "merges": []}}""", "have the same id 1")]
    [InlineData("""{"model": {"type": "BPE", "vocab": [], "merges": []}}""", "an object is needed")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}""",
        "names \"b\", which the vocabulary lacks")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["ab"]}}""", "not two tokens")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]}}""", "a pair of tokens")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [], "unk_token": "?"}}""",
        "\"?\" is not in the vocabulary")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": [["a", 1]], "unk_id": 7}}""", "unk_id 7")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": [["a", 1e999]], "unk_id": 0}}""", "a number is needed")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"\ud800": 0}, "merges": []}}""", "not valid Unicode")]
    public void A_model_that_is_wrong_is_refused_with_the_reason(string json, string reason) => AssertRefused(json, reason);

    [Theory]
    [InlineData("normalizer", """{"type": "Unknown"}""", "normalizer \"Unknown\" is not supported")]
    [InlineData("normalizer", """{"type": 5}""", "a string is needed")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"Regex": "("}, "content": ""}""", "a group does not end")]
    [InlineData("normalizer", """{"type": "Precompiled", "precompiled_charsmap": "!"}""", "not base64")]
    [InlineData("normalizer", """{"type": "Precompiled", "precompiled_charsmap": "/////w=="}""", "has a trie of")]
    [InlineData("pre_tokenizer", """{"type": "UnicodeScripts"}""", "\"UnicodeScripts\" is not supported")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"String": "a"}, "behavior": "Torn"}""",
        "\"Torn\" is not known")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "xy"}""", "not one character")]
    [InlineData("post_processor",
        """{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "s"}}], "special_tokens": {}}""", "has no ids")]
    [InlineData("decoder", """{"type": "CTC"}""", "decoder \"CTC\" is not supported")]
    [InlineData("decoder", """{"type": "Strip", "content": "a", "start": -1, "stop": 0}""", "not from 0 to 1000")]
    [InlineData("added_tokens", """[{"id": 99999999, "content": "x"}]""", "id 99999999")]
    [InlineData("added_tokens", """{"id": 1}""", "an array is needed")]
    public void A_component_that_is_wrong_is_refused_with_the_reason(string field, string json, string reason) =>
        AssertRefused($$"""{"model": {"type": "BPE", {{Vocab}}, "merges": []}, "{{field}}": {{json}} }""", reason);

    [Fact]
    public void Deep_nesting_is_refused()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"type": "Sequence", "normalizers": [""", 2000));
        AssertRefused($$"""{"normalizer": {{deep}}""", "not valid JSON");
    }

    [Fact]
    public void Lone_surrogates_in_a_text_are_replacement_characters()
    {
        Tokenizer demo = TokenizerLoader.Load(SharedData.DemoModel);

        Assert.Equal("a\uFFFDb\uFFFD😀", demo.Decode(demo.EncodeToIds("a\ud800b\udc00😀")));
    }

    [Fact]
    public void What_is_not_there_is_said()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Assert.Throws<FileNotFoundException>(() => TokenizerLoader.Load(Path.Combine(folder, "no")));
            Assert.Contains("has no tokenizer.json",
                Assert.Throws<TokenizerFormatException>(() => TokenizerLoader.Load(folder)).Message, StringComparison.Ordinal);
            string file = Path.Combine(folder, "x.gguf");
            File.WriteAllText(file, "GGUX");
            Assert.Throws<TokenizerFormatException>(() => TokenizerLoader.Load(file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_GGUF_tokenizer_of_an_unknown_kind_or_name_is_refused()
    {
        var metadata = new GgufTokenizerMetadata { Model = "gpt2", Tokens = ["a", "b", "ab"], Merges = ["a b"] };

        Assert.Equal([2], GgufTokenizerReader.Build(metadata).EncodeToIds("ab"));
        AssertRefused(metadata with { Model = "bert" }, "\"bert\", which is not supported");
        AssertRefused(metadata with { Pre = "other" }, "\"other\", which is not known");
        AssertRefused(metadata with { Merges = ["a c"] }, "names \"c\"");
        AssertRefused(metadata with { Merges = ["ac"] }, "not two tokens");
        AssertRefused(metadata with { Model = "llama" }, "a finite score");
        AssertRefused(metadata with { Model = "llama", Scores = [0, float.NaN, 0] }, "a finite score");
        AssertRefused(metadata with { Model = "t5" }, "unknown_token_id");
    }

    [Fact]
    public void A_text_without_tokens_is_an_error_that_names_it()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(
            """{"model": {"type": "WordLevel", "vocab": {"a": 0}}, "pre_tokenizer": {"type": "Whitespace"}}""");

        Assert.Contains("\"zz\"", Assert.Throws<TokenizationException>(() => tokenizer.EncodeToIds("a zz")).Message,
            StringComparison.Ordinal);
    }

    private static void AssertRefused(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<TokenizerFormatException>(() => SmallTokenizers.Load(json)).Message,
            StringComparison.Ordinal);

    private static void AssertRefused(GgufTokenizerMetadata metadata, string reason) => Assert.Contains(
        reason, Assert.Throws<TokenizerFormatException>(() => GgufTokenizerReader.Build(metadata)).Message,
            StringComparison.Ordinal);
}
