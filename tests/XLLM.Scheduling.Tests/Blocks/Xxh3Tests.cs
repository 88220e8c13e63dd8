using XLLM.Contracts.Ids;
using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Tests.Blocks;

/// <summary>Expected values come from the reference library, version 0.8.1, over bytes i * 7 + 3 + (i >> 8).</summary>
public class Xxh3Tests
{
    [Theory]
    [InlineData(0, 0x0UL, "99aa06d3014798d86001c324468d497f")]
    [InlineData(1, 0x0UL, "22bbb76b211a39ba13e608bc156defed")]
    [InlineData(3, 0x0UL, "ce31763cbf8245a5a9088dda485b481c")]
    [InlineData(4, 0x0UL, "47197970590746b1788a609154b0fe20")]
    [InlineData(8, 0x0UL, "e3bc8a5f461715553cd024e3d63a1588")]
    [InlineData(9, 0x0UL, "c72c88247a9a56d7eafab1c7f123109f")]
    [InlineData(16, 0x0UL, "ce0b9647ab24f88460d75c5e47d40a24")]
    [InlineData(17, 0x0UL, "bfd327edcc2fbd12eeed7654312a26d7")]
    [InlineData(32, 0x0UL, "4f130f27ab6baf45d761fd22e8ad5262")]
    [InlineData(33, 0x0UL, "d15b272993d9830f4193c535612ac940")]
    [InlineData(64, 0x0UL, "fed953fe6a8b2b63aa549d72c69cd267")]
    [InlineData(80, 0x0UL, "23644e2679c8f4e0f325575611608e85")]
    [InlineData(96, 0x0UL, "2a350495986db37a0ab63bcfbc907abb")]
    [InlineData(97, 0x0UL, "3ffe2e0f781d623c8d17d1afec22619e")]
    [InlineData(128, 0x0UL, "1b1962a096bac78bc580008b6c92ac53")]
    [InlineData(129, 0x0UL, "293e4968c4619023bd91ce7ace4d385b")]
    [InlineData(160, 0x0UL, "d71519a37cb75ab60e298e02860a8fd0")]
    [InlineData(200, 0x0UL, "32200a52a918beaf380142cdd5843bbd")]
    [InlineData(240, 0x0UL, "ad46c1021b076bc704e0b5f034bee80b")]
    [InlineData(241, 0x0UL, "ac6c3492c3d6b45d8beadd3a8874fe17")]
    [InlineData(256, 0x0UL, "77f21db933350c7e3c38817f6d79c0da")]
    [InlineData(512, 0x0UL, "1bc7f7a0674f6241ba0c90e5a730b770")]
    [InlineData(528, 0x0UL, "0ef142c52bbbb741173b9c9cea4e8202")]
    [InlineData(1024, 0x0UL, "8a9a7ca8a818842481f65811d7726199")]
    [InlineData(1025, 0x0UL, "7e32ae2fe7aa0b39706fa6a17c0bc400")]
    [InlineData(1040, 0x0UL, "967e23190276d76942ef11b174e88944")]
    [InlineData(2048, 0x0UL, "6a5412fb5036b71f22fcfa754b9a5189")]
    [InlineData(5000, 0x0UL, "4da2c33489e57d1c26cb9d947a2cc7a5")]
    [InlineData(0, 0x400UL, "71bbbe84478036651ac6e64d07aa937c")]
    [InlineData(1, 0x400UL, "0914f7c55142e71bed54cde5d6b89f0e")]
    [InlineData(3, 0x400UL, "991ef196bf9b49a1c59201e914f3a20c")]
    [InlineData(4, 0x400UL, "44bdaecf63dc18f86800517462619b43")]
    [InlineData(8, 0x400UL, "836b2f3700017b6f9641522865158c63")]
    [InlineData(9, 0x400UL, "63f02bb62376b8487bc211ccbd387739")]
    [InlineData(16, 0x400UL, "1cdb27b76210d425f7fd1471438f6f76")]
    [InlineData(17, 0x400UL, "804436ee7dc3a895992bfca36eafc724")]
    [InlineData(32, 0x400UL, "df9198f1e82ca84350afb024cfa8e6c9")]
    [InlineData(33, 0x400UL, "390492d2135a51b67651229a17eb3ab8")]
    [InlineData(64, 0x400UL, "63ce15f0bf047780fc1a4fd00cb2e441")]
    [InlineData(80, 0x400UL, "2edb0a526f82eda9e7ea840a43705490")]
    [InlineData(96, 0x400UL, "c06f44817fb871aacc05f8f5273bdbbc")]
    [InlineData(97, 0x400UL, "955b199a7a7c9994f344b7744452b777")]
    [InlineData(128, 0x400UL, "c0b98172079baf99e30ff26f8bdfd754")]
    [InlineData(129, 0x400UL, "e0422006504473344408a7278b7461a4")]
    [InlineData(160, 0x400UL, "44f7221984946801deb6142ca53bfb97")]
    [InlineData(200, 0x400UL, "20a7f5dddd6402ab84e860619613e8f2")]
    [InlineData(240, 0x400UL, "dd8100e2f41ab37e8c44863a5fa4c3b6")]
    [InlineData(241, 0x400UL, "686beb7be4d8314cfd480ded6f7bdefe")]
    [InlineData(256, 0x400UL, "6d512f7a2cc06050b74af7e93919723c")]
    [InlineData(512, 0x400UL, "16446c877c2f3918ae66ef2b94b29053")]
    [InlineData(528, 0x400UL, "82c4c6081bcca1af06ed92bdf461b3d8")]
    [InlineData(1024, 0x400UL, "ded91acb93cdbf7c331e79d469a9a109")]
    [InlineData(1025, 0x400UL, "4126aa04a5c8010bf973931cdd1e705f")]
    [InlineData(1040, 0x400UL, "16c59aaa60076214bc5f03461e34eb83")]
    [InlineData(2048, 0x400UL, "822ebde4afe6124c4fd895b402f0ec68")]
    [InlineData(5000, 0x400UL, "97aa4fc5080bdace7ebb0cb125ddad34")]
    [InlineData(0, 0x9e3779b97f4a7c15UL, "d142977a2cca554b4ca5176998171787")]
    [InlineData(1, 0x9e3779b97f4a7c15UL, "8b0bde64ebb5391a1b4c466098160569")]
    [InlineData(3, 0x9e3779b97f4a7c15UL, "a6c5358dff93af85a8bacd847619199e")]
    [InlineData(4, 0x9e3779b97f4a7c15UL, "7fbdade8669a4ab094c1979d995c4870")]
    [InlineData(8, 0x9e3779b97f4a7c15UL, "d63852876fe8a157de775c059292f841")]
    [InlineData(9, 0x9e3779b97f4a7c15UL, "0b38a113b694fcae51e1392707d4bbb9")]
    [InlineData(16, 0x9e3779b97f4a7c15UL, "4f914088f379a471525da27d50e50d60")]
    [InlineData(17, 0x9e3779b97f4a7c15UL, "a61a1ca6a6cba50b3445a39302223baf")]
    [InlineData(32, 0x9e3779b97f4a7c15UL, "8a88ba97b62a0a83d08efb35bfc5439a")]
    [InlineData(33, 0x9e3779b97f4a7c15UL, "66d054e549615b5b863a3f4ae7cd6605")]
    [InlineData(64, 0x9e3779b97f4a7c15UL, "cef71611f8b3257ba96ef48a411b0ba9")]
    [InlineData(80, 0x9e3779b97f4a7c15UL, "c156b54e00cfc07863b95db05c38c5c4")]
    [InlineData(96, 0x9e3779b97f4a7c15UL, "558d2d7b3e7c4334124831325c634b34")]
    [InlineData(97, 0x9e3779b97f4a7c15UL, "80951ac245c54caae3c0a4a4ba9fc3bb")]
    [InlineData(128, 0x9e3779b97f4a7c15UL, "0e547fad963e783e11b625103e3f16e8")]
    [InlineData(129, 0x9e3779b97f4a7c15UL, "b29aa6b7f2bdb673fb2fdd6e76e6384f")]
    [InlineData(160, 0x9e3779b97f4a7c15UL, "a4ee838134b438183345ce78da2431ae")]
    [InlineData(200, 0x9e3779b97f4a7c15UL, "ef07c15be0d0e542891a213e72c90bb7")]
    [InlineData(240, 0x9e3779b97f4a7c15UL, "9bd1b9f5f322c628ecae892a3fac66c3")]
    [InlineData(241, 0x9e3779b97f4a7c15UL, "44bd02453c9c891ca0462d397650b282")]
    [InlineData(256, 0x9e3779b97f4a7c15UL, "e3b1a36a49de859ce0437e437071b601")]
    [InlineData(512, 0x9e3779b97f4a7c15UL, "45b079fd33a39bf8bac412f096e8aed3")]
    [InlineData(528, 0x9e3779b97f4a7c15UL, "0117c46e47419bfe95622f5ede80a8d3")]
    [InlineData(1024, 0x9e3779b97f4a7c15UL, "77513e70a6becf7078c4bbb60747397e")]
    [InlineData(1025, 0x9e3779b97f4a7c15UL, "10ceed8b218945c999b8dbc3487487d0")]
    [InlineData(1040, 0x9e3779b97f4a7c15UL, "9ae52024edb068466093d5684a0b8034")]
    [InlineData(2048, 0x9e3779b97f4a7c15UL, "22c3f69278468657b7f68d18a8519718")]
    [InlineData(5000, 0x9e3779b97f4a7c15UL, "d1fb6bf1ef1569d896ed6df7e5d38fa7")]
    public void Hash128_OfPatternBytes_IsTheReferenceLibrarysValue(int length, ulong seed, string expected)
    {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++)
        {
            data[i] = (byte)((i * 7) + 3 + (i >> 8));
        }

        Assert.Equal(expected, Xxh3.Hash128(data, seed).ToString());
    }

    [Fact]
    public void Hash128_OfEveryLengthUpTo2100_IsDistinctAndChangesWithTheSeedAndEachEndByte()
    {
        byte[] data = new byte[2100];
        new Random(5).NextBytes(data);
        HashSet<BlockHash> seen = [];
        for (int length = 1; length <= data.Length; length++)
        {
            Assert.True(seen.Add(Xxh3.Hash128(data.AsSpan(0, length), 0)));
            Assert.True(seen.Add(Xxh3.Hash128(data.AsSpan(0, length), 1)));
            data[length - 1] ^= 1;
            Assert.True(seen.Add(Xxh3.Hash128(data.AsSpan(0, length), 0)));
            data[length - 1] ^= 1;
        }
    }
}
