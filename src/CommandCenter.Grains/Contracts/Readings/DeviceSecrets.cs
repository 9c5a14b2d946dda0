using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace CommandCenter.Grains.Contracts;

/// <summary>Secrets of broker accounts: made by the platform, never chosen by people, kept as a salted hash.</summary>
public static class DeviceSecrets
{
    /// <summary>Rounds for new hashes. A secret has 192 random bits, so rounds add nothing against guessing; more of them would only make the reconnection of
    /// ten thousand devices after a restart slow (about a millisecond each with these).</summary>
    public const int Rounds = 2_000;

    private const int SecretBytes = 24;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>A new secret: 32 letters, digits, <c>-</c> and <c>_</c>.</summary>
    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    public static ImmutableArray<byte> MakeSalt() => ImmutableArray.Create(RandomNumberGenerator.GetBytes(SaltBytes));

    public static ImmutableArray<byte> Hash(ReadOnlySpan<byte> secret, ImmutableArray<byte> salt, int rounds) =>
        ImmutableArray.Create(Rfc2898DeriveBytes.Pbkdf2(secret, salt.AsSpan(), rounds, HashAlgorithmName.SHA256, HashBytes));

    /// <summary>Whether the secret is the account's. A withdrawn account has none.</summary>
    public static bool Verify(BrokerAccount account, ReadOnlySpan<byte> secret)
    {
        ArgumentNullException.ThrowIfNull(account);
        return account.Hash.Length == HashBytes
            && CryptographicOperations.FixedTimeEquals(account.Hash.AsSpan(), Hash(secret, account.Salt, account.Rounds).AsSpan());
    }
}
