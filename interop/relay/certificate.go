package relay

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// Authority signs the certificates of relays in mode TLS. Relays that share one can trust each other.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority makes one up.
func NewAuthority() (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := sign(&x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "derp4j interop authority"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}, nil, key, key)
	return &Authority{certificate, key}, err
}

// Pool trusts nobody else.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// WriteFile writes the authority's certificate as PEM, for SSL_CERT_FILE.
func (a *Authority) WriteFile(path string) error {
	return writePEM(path, "CERTIFICATE", a.certificate.Raw)
}

// writeCertificates makes a certificate for the relay's hostname, in the files that manual certificate mode reads.
func (r *Relay) writeCertificates() error {
	authority, err := r.options.Authority, error(nil)
	if authority == nil {
		if authority, err = NewAuthority(); err != nil {
			return err
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return err
	}
	leaf, err := sign(&x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: r.hostname()},
		DNSNames:     []string{r.hostname()},
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, authority.certificate, key, authority.key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	r.RootCAs = authority.Pool()
	r.CAFile = filepath.Join(r.Dir, "authority.pem")
	if err := authority.WriteFile(r.CAFile); err != nil {
		return err
	}
	if err := writePEM(filepath.Join(r.Dir, r.hostname()+".crt"), "CERTIFICATE", leaf.Raw); err != nil {
		return err
	}
	return writePEM(filepath.Join(r.Dir, r.hostname()+".key"), "PRIVATE KEY", keyDER)
}

// sign makes the template a certificate of a month, since derpprobe wants a week at least; a nil issuer means self-signed.
func sign(template, issuer *x509.Certificate, key, issuerKey *ecdsa.PrivateKey) (*x509.Certificate, error) {
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(30 * 24 * time.Hour)
	if issuer == nil {
		issuer = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, issuerKey)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
