package dev.derp4j.http.names;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Asks the name servers of the system, and its hosts file for addresses. Nothing is cached: those
/// who ask do so seldom, and want to know what is true now.
///
/// The resolver and its one thread come to be with the first question.
public final class SystemNames implements NameLookup {
  private static final int QUERY_MILLIS = 5_000;

  private final DnsServerAddressStreamProvider servers;
  private @Nullable EventLoopGroup group;
  private @Nullable DnsNameResolver resolver;
  private boolean closed;

  public SystemNames() {
    this(DnsServerAddressStreamProviders.platformDefault());
  }

  /// @param servers who is asked in place of the system's name servers
  SystemNames(DnsServerAddressStreamProvider servers) {
    this.servers = servers;
  }

  private synchronized DnsNameResolver resolver() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (resolver == null) {
      group =
          new MultiThreadIoEventLoopGroup(
              1, new DefaultThreadFactory("derp4j-names", true), NioIoHandler.newFactory());
      resolver =
          new DnsNameResolverBuilder(group.next())
              .datagramChannelType(NioDatagramChannel.class)
              .socketChannelType(NioSocketChannel.class)
              .nameServerProvider(servers)
              .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
              .completeOncePreferredResolved(false)
              .queryTimeoutMillis(QUERY_MILLIS)
              .resolveCache(NoopDnsCache.INSTANCE)
              .cnameCache(NoopDnsCnameCache.INSTANCE)
              .build();
    }
    return resolver;
  }

  @Override
  public CompletableFuture<List<InetAddress>> addresses(String name) {
    CompletableFuture<List<InetAddress>> result = new CompletableFuture<>();
    try {
      resolver()
          .resolveAll(name)
          .addListener((Future<List<InetAddress>> done) -> pass(done, result));
    } catch (RuntimeException refused) {
      result.completeExceptionally(refused);
    }
    return result;
  }

  private static <T> void pass(Future<T> done, CompletableFuture<T> result) {
    if (done.isSuccess()) {
      result.complete(done.getNow());
    } else {
      result.completeExceptionally(done.cause());
    }
  }

  @Override
  public CompletableFuture<List<String>> texts(String name) {
    CompletableFuture<List<String>> result = new CompletableFuture<>();
    try {
      resolver()
          .resolveAll(new DefaultDnsQuestion(name, DnsRecordType.TXT))
          .addListener((Future<List<DnsRecord>> done) -> passTexts(done, result));
    } catch (RuntimeException refused) {
      result.completeExceptionally(refused);
    }
    return result;
  }

  private static void passTexts(
      Future<List<DnsRecord>> done, CompletableFuture<List<String>> result) {
    if (done.isSuccess()) {
      List<String> texts = new ArrayList<>();
      for (DnsRecord each : done.getNow()) {
        if (each instanceof DnsRawRecord raw && raw.type().equals(DnsRecordType.TXT)) {
          texts.add(text(raw.content()));
        }
        ReferenceCountUtil.release(each);
      }
      result.complete(texts);
    } else if (isMissing(done.cause())) {
      result.complete(List.of());
    } else {
      result.completeExceptionally(done.cause());
    }
  }

  /// The strings of a record, one behind the other: RFC 1035 §3.3.14, a length byte before each.
  private static String text(ByteBuf content) {
    StringBuilder text = new StringBuilder();
    while (content.isReadable()) {
      int length = Math.min(content.readUnsignedByte(), content.readableBytes());
      text.append(content.readCharSequence(length, StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  /// Whether a name server said that there is no such thing, and not merely that it failed.
  private static boolean isMissing(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof DnsErrorCauseException error) {
        return error.getCode().equals(DnsResponseCode.NXDOMAIN)
            || error.getCode().equals(DnsResponseCode.NXRRSET);
      }
    }
    return false;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (resolver != null) {
      resolver.close();
    }
    if (group != null) {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
